//! Documents that nobody would write, made out of bytes: whatever the specification allows, and on
//! top of it damage at random places. Shared by the property tests and the fuzz targets; what has
//! to hold of such a document is said there.

mod words;

use arbitrary::Unstructured;
use serde_json::{Map, Value, json};
use words::*;

/// The document that these bytes spell. Fewer bytes make a smaller one.
pub(crate) fn document(bytes: &[u8]) -> Value {
    // The damage has bytes of its own, so that it comes to small documents too.
    let (damage, rest) = bytes.split_at(bytes.len().min(12));
    let mut document = sound_document(rest);
    let mut damage = Wild(Unstructured::new(damage));
    for _ in 0..damage.below(4) {
        damage.damage(&mut document);
    }
    document
}

/// The same without damage.
pub(crate) fn sound_document(bytes: &[u8]) -> Value {
    Wild(Unstructured::new(bytes)).document()
}

/// A source of choices; one that has run dry makes the first choice, always.
struct Wild<'b>(Unstructured<'b>);

type Object = Map<String, Value>;

/// Makes one of a sort of component.
type Make<'b> = fn(&mut Wild<'b>) -> Value;

impl<'b> Wild<'b> {
    fn below(&mut self, limit: usize) -> usize {
        self.0
            .int_in_range(0..=limit.saturating_sub(1))
            .unwrap_or(0)
    }

    /// True once in `times`.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    fn pick<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }

    fn document(&mut self) -> Value {
        let schemas: Object = (0..self.below(SCHEMAS.len() + 1))
            .map(|index| (SCHEMAS[index].to_owned(), self.schema(4)))
            .collect();
        let mut document = json!({
            "openapi": self.pick(&["3.1.0", "3.0.3", "3.1", "3.2.0"]),
            "info": {"title": self.pick(TEXTS), "version": "1", "description": self.pick(TEXTS)},
            "paths": {},
            "components": {"schemas": schemas},
        });
        for _ in 0..self.below(4) {
            let path = self.pick(PATHS);
            document["paths"][path] = self.path_item(true);
        }
        for _ in 0..self.below(2) {
            let name = self.pick(NAMES);
            document["webhooks"][name] = self.path_item(false);
        }
        let parts: [(&str, Make<'b>); 5] = [
            ("parameters", Self::parameter),
            ("responses", Self::response),
            ("requestBodies", Self::body),
            ("pathItems", |wild| wild.path_item(false)),
            ("headers", |wild| json!({"schema": wild.schema(1)})),
        ];
        for (section, make) in parts {
            if self.once_in(3) {
                document["components"][section]["a"] = make(self);
            }
        }
        if self.once_in(8) {
            document["servers"] =
                json!([{"url": self.pick(&["https://a.test", "{x}", "/v1"]), "variables": {}}]);
            document["tags"] = json!([{"name": self.pick(NAMES)}]);
            document["security"] = json!([{"key": []}]);
            document["components"]["securitySchemes"] =
                json!({"key": {"type": "http", "scheme": "bearer"}});
        }
        document
    }

    fn path_item(&mut self, with_callbacks: bool) -> Value {
        if self.once_in(12) {
            return json!({"$ref": self.pick(&["#/components/pathItems/a", "#/paths/~1a", "other.yaml"])});
        }
        let mut item = Object::new();
        for _ in 0..=self.below(2) {
            let method = self.pick(METHODS).to_owned();
            item.insert(method, self.operation(with_callbacks));
        }
        if self.once_in(4) {
            item.insert("parameters".to_owned(), self.parameters());
        }
        Value::Object(item)
    }

    fn operation(&mut self, with_callbacks: bool) -> Value {
        let mut operation = Object::new();
        let mut put = |key: &str, value: Value| operation.insert(key.to_owned(), value);
        if !self.once_in(4) {
            put("operationId", json!(self.pick(NAMES)));
        }
        if self.once_in(4) {
            put("summary", json!(self.pick(TEXTS)));
            put("description", json!(self.pick(TEXTS)));
            put("tags", json!([self.pick(NAMES)]));
            put("deprecated", json!(true));
            put("servers", json!([{"url": "/other"}]));
            put("security", json!([]));
        }
        if self.once_in(2) {
            put("parameters", self.parameters());
        }
        if self.once_in(2) {
            put(
                "requestBody",
                self.or_reference("requestBodies", Self::body),
            );
        }
        let responses: Object = (0..self.below(4))
            .map(|_| {
                let status = self.pick(STATUSES).to_owned();
                (status, self.or_reference("responses", Self::response))
            })
            .collect();
        put("responses", Value::Object(responses));
        if with_callbacks && self.once_in(8) {
            let name = self.pick(NAMES);
            put(
                "callbacks",
                json!({name: {"{$request.body#/url}": self.path_item(false)}}),
            );
        }
        Value::Object(operation)
    }

    /// What `make` makes, or a reference to the component of that sort.
    fn or_reference(&mut self, section: &str, make: Make<'b>) -> Value {
        if self.once_in(5) {
            json!({"$ref": format!("#/components/{section}/a"), "description": self.pick(TEXTS)})
        } else {
            make(self)
        }
    }

    fn parameters(&mut self) -> Value {
        let count = self.below(4);
        (0..count)
            .map(|_| self.or_reference("parameters", Self::parameter))
            .collect()
    }

    fn parameter(&mut self) -> Value {
        let name = self.pick(&[NAMES, &["Accept", "X-A", "x-a"]].concat());
        let mut parameter = json!({"name": name, "in": self.pick(&["query", "path", "header", "cookie", "querystring"])});
        if self.once_in(8) {
            parameter["content"] = self.content();
        } else {
            parameter["schema"] = self.schema(2);
        }
        if self.once_in(3) {
            parameter["style"] = json!(self.pick(STYLES));
        }
        for flag in [
            "required",
            "explode",
            "deprecated",
            "allowEmptyValue",
            "allowReserved",
        ] {
            if self.once_in(4) {
                parameter[flag] = json!(self.below(2) == 1);
            }
        }
        if self.once_in(4) {
            parameter["description"] = json!(self.pick(TEXTS));
            parameter["example"] = json!(1);
        }
        parameter
    }

    fn body(&mut self) -> Value {
        json!({"content": self.content(), "required": self.below(2) == 0, "description": self.pick(TEXTS)})
    }

    fn response(&mut self) -> Value {
        let mut response = json!({"description": self.pick(TEXTS)});
        if !self.once_in(4) {
            response["content"] = self.content();
        }
        if self.once_in(8) {
            response["headers"] = json!({"X-A": {"schema": self.schema(1)}});
            response["links"] = json!({"next": {"operationId": "a"}});
        }
        response
    }

    fn content(&mut self) -> Value {
        let mut content = Object::new();
        for _ in 0..=self.below(2) {
            let name = self.pick(MEDIA).to_owned();
            let mut media = if self.once_in(8) {
                json!({})
            } else {
                json!({"schema": self.schema(3)})
            };
            if self.once_in(8) {
                media["encoding"] =
                    json!({"a": {"style": "deepObject", "contentType": "image/png"}});
                media["examples"] = json!({"one": {"value": 1}});
            }
            content.insert(name, media);
        }
        Value::Object(content)
    }

    fn schema(&mut self, depth: usize) -> Value {
        let mut schema = Object::new();
        // Several sorts of keyword in one schema hold at once.
        for _ in 0..=usize::from(self.once_in(6)) {
            let keywords = match self.below(if depth == 0 { 5 } else { 14 }) {
                0 => self.text(),
                1 => self.reference(),
                2 => self.number(),
                3 => self.listed(),
                4 => match self.below(4) {
                    0 => json!({"type": "boolean"}),
                    1 => json!({}),
                    2 => return json!(true),
                    _ => return json!(false),
                },
                5..=7 => self.record(depth - 1),
                8 | 9 => self.union(depth - 1),
                10 => self.list(depth - 1),
                11 => self.nullable(depth - 1),
                12 => json!({"allOf": self.schemas(depth - 1)}),
                _ => self.rare(depth - 1),
            };
            let Value::Object(keywords) = keywords else {
                continue;
            };
            schema.extend(keywords);
        }
        if self.once_in(3) {
            self.annotate(&mut schema);
        }
        Value::Object(schema)
    }

    fn schemas(&mut self, depth: usize) -> Value {
        let count = self.below(4);
        (0..count).map(|_| self.schema(depth)).collect()
    }

    fn reference(&mut self) -> Value {
        let name = SCHEMAS[self.below(SCHEMAS.len())]
            .replace('~', "~0")
            .replace('/', "~1");
        let target = match self.below(12) {
            0..=6 => format!("#/components/schemas/{name}"),
            7 => format!("#/components/schemas/{name}/properties/a"),
            8 => format!("#/components/schemas/{name}/oneOf/0"),
            9 => "#".to_owned(),
            10 => "#anchor".to_owned(),
            _ => "https://elsewhere.test/a.json#/b".to_owned(),
        };
        let keyword = if self.once_in(16) {
            "$dynamicRef"
        } else {
            "$ref"
        };
        json!({keyword: target})
    }

    fn text(&mut self) -> Value {
        let mut text = json!({"type": "string"});
        if self.once_in(2) {
            text["format"] = json!(self.pick(FORMATS));
        }
        if self.once_in(3) {
            text["pattern"] = json!(self.pick(PATTERNS));
        }
        if self.once_in(3) {
            text["minLength"] = self.quantity();
        }
        if self.once_in(3) {
            text["maxLength"] = self.quantity();
        }
        if self.once_in(8) {
            text["contentEncoding"] =
                json!(self.pick(&["base64", "base64url", "quoted-printable"]));
            text["contentMediaType"] = json!(self.pick(&["image/png", "application/octet-stream"]));
        }
        text
    }

    fn number(&mut self) -> Value {
        let mut number = json!({"type": self.pick(&["integer", "number"])});
        for keyword in [
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
        ] {
            if self.once_in(4) {
                number[keyword] = self.quantity();
            }
        }
        if self.once_in(3) {
            number["format"] = json!(self.pick(FORMATS));
        }
        number
    }

    fn quantity(&mut self) -> Value {
        const QUANTITIES: [f64; 8] = [0.0, 1.0, 3.0, -1.0, 2.5, 300.0, 1e300, -9e18];
        match self.below(QUANTITIES.len() + 4) {
            0 => json!(0),
            1 => json!(1),
            2 => json!(u64::MAX),
            3 => json!(i64::MIN),
            at => json!(QUANTITIES[at - 4]),
        }
    }

    fn record(&mut self, depth: usize) -> Value {
        let mut record = json!({"type": "object"});
        let count = self.below(4);
        let properties: Object = (0..count)
            .map(|_| (self.pick(NAMES).to_owned(), self.schema(depth)))
            .collect();
        let required: Vec<&String> = properties.keys().filter(|_| self.once_in(2)).collect();
        if !required.is_empty() {
            record["required"] = json!(required);
        }
        record["properties"] = Value::Object(properties);
        match self.below(8) {
            5 => record["additionalProperties"] = self.schema(depth),
            6 => record["additionalProperties"] = json!(false),
            7 => record["required"] = json!([self.pick(NAMES)]),
            _ => {}
        }
        record
    }

    fn union(&mut self, depth: usize) -> Value {
        let keyword = self.pick(&["oneOf", "anyOf"]);
        if self.once_in(2) {
            return json!({keyword: self.schemas(depth)});
        }
        // Objects with a tag, or nearly.
        let tag = self.pick(&["kind", "type", "a"]);
        let count = self.below(4);
        let members: Vec<Value> = (0..count)
            .map(|_| {
                if self.once_in(4) {
                    return self.reference();
                }
                let mut member = self.record(depth);
                let constant = json!(self.pick(TEXTS));
                member["properties"][tag] = match self.below(3) {
                    0 => json!({"const": constant}),
                    1 => json!({"type": "string", "enum": [constant]}),
                    _ => json!({"type": "string"}),
                };
                member["required"] = json!([tag]);
                member
            })
            .collect();
        let mut union = json!({keyword: members});
        if self.once_in(2) {
            union["discriminator"] = json!({"propertyName": tag});
            if self.once_in(2) {
                let target = format!(
                    "#/components/schemas/{}",
                    SCHEMAS[self.below(SCHEMAS.len())]
                );
                let target = match self.below(3) {
                    0 => json!(target),
                    1 => json!({"$ref": target}),
                    _ => json!(self.pick(&SCHEMAS)),
                };
                union["discriminator"]["mapping"] = json!({self.pick(TEXTS): target});
            }
        }
        union
    }

    fn list(&mut self, depth: usize) -> Value {
        let mut list = json!({"type": "array"});
        match self.below(4) {
            0 | 1 => list["items"] = self.schema(depth),
            2 => list["prefixItems"] = self.schemas(depth),
            _ => {}
        }
        for keyword in ["minItems", "maxItems"] {
            if self.once_in(4) {
                list[keyword] = self.quantity();
            }
        }
        if self.once_in(8) {
            list["uniqueItems"] = json!(true);
            list["contains"] = self.schema(0);
        }
        list
    }

    fn nullable(&mut self, depth: usize) -> Value {
        match self.below(4) {
            0 => json!({"anyOf": [self.schema(depth), {"type": "null"}]}),
            1 => {
                let mut schema = self.schema(depth);
                if let Some(map) = schema.as_object_mut() {
                    map.insert("nullable".to_owned(), json!(true));
                }
                schema
            }
            2 => json!({"type": [self.pick(TYPES), "null"]}),
            _ => json!({"oneOf": [self.schema(depth), {"const": null}]}),
        }
    }

    fn listed(&mut self) -> Value {
        if self.once_in(3) {
            return json!({"const": self.anything()});
        }
        let count = self.below(5);
        let values: Vec<Value> = if self.once_in(3) {
            (0..count).map(|_| self.anything()).collect()
        } else {
            (0..count).map(|_| json!(self.pick(TEXTS))).collect()
        };
        match self.below(3) {
            0 => json!({"enum": values}),
            1 => json!({"type": "string", "enum": values}),
            _ => json!({"type": self.pick(TYPES), "enum": values}),
        }
    }

    fn rare(&mut self, depth: usize) -> Value {
        match self.below(13) {
            0 => json!({"type": [self.pick(TYPES), self.pick(TYPES), self.pick(TYPES)]}),
            1 => {
                json!({"type": "object", "patternProperties": {self.pick(PATTERNS): self.schema(depth)}})
            }
            2 => json!({"$defs": {"a": self.schema(depth)}, "$ref": "#/$defs/a"}),
            3 => json!({"$anchor": "anchor", "type": "object", "properties": {"a": {"$ref": "#"}}}),
            4 => {
                json!({"not": self.schema(depth), "if": self.schema(0), "then": self.schema(0), "else": self.schema(0)})
            }
            5 => {
                json!({"type": "object", "propertyNames": self.schema(0), "minProperties": self.quantity()})
            }
            6 => {
                json!({"dependentSchemas": {"a": self.schema(depth)}, "dependentRequired": {"a": ["b"]}})
            }
            7 => {
                json!({"unevaluatedProperties": self.schema(depth), "unevaluatedItems": self.schema(0)})
            }
            8 => json!({"items": [self.schema(depth), self.schema(depth)]}),
            9 => {
                json!({"$id": "https://a.test/a", "$defs": {"b": self.schema(depth)}, "allOf": [{"$ref": "#/$defs/b"}]})
            }
            10 => {
                json!({"required": [self.pick(NAMES)], "anyOf": [{"required": ["a"]}, {"required": ["b"]}]})
            }
            11 => {
                json!({"minLength": self.quantity(), "minimum": self.quantity(), "pattern": self.pick(PATTERNS)})
            }
            _ => json!({self.pick(NAMES): self.anything()}),
        }
    }

    fn annotate(&mut self, schema: &mut Object) {
        for _ in 0..=self.below(3) {
            let (key, value) = match self.below(10) {
                0 => ("title", json!(self.pick(NAMES))),
                1 => ("description", json!(self.pick(TEXTS))),
                2 => ("default", self.anything()),
                3 => ("deprecated", json!(true)),
                4 => ("readOnly", json!(true)),
                5 => ("writeOnly", json!(true)),
                6 => ("examples", json!([self.anything()])),
                7 => ("xml", json!({"name": "a"})),
                8 => ("nullable", json!(true)),
                _ => ("x-a", self.anything()),
            };
            schema.insert(key.to_owned(), value);
        }
    }

    /// A value of any type, small.
    fn anything(&mut self) -> Value {
        match self.below(10) {
            0 => json!(self.pick(TEXTS)),
            1 => Value::Null,
            2 => json!(true),
            3 => json!(false),
            4 => json!([]),
            5 => json!({}),
            6 => json!([self.pick(TEXTS), 1]),
            7 => json!({self.pick(NAMES): self.pick(TEXTS)}),
            8 => json!([{"$ref": "#/components/schemas/A"}]),
            _ => self.quantity(),
        }
    }

    /// Puts something where it does not belong: a value of any type, a part of the document, or
    /// nothing.
    fn damage(&mut self, document: &mut Value) {
        let mut places = Vec::new();
        collect(document, String::new(), &mut places);
        let place = places[self.below(places.len())].clone();
        let value = match self.below(3) {
            0 => self.anything(),
            1 => {
                let from = &places[self.below(places.len())];
                document.pointer(from).cloned().unwrap_or_default()
            }
            _ => {
                let (parent, _) = place.rsplit_once('/').unwrap_or_default();
                if let Some(Value::Object(map)) = document.pointer_mut(parent) {
                    let key = map.keys().nth(self.below(map.len())).cloned();
                    key.and_then(|key| map.remove(&key));
                }
                return;
            }
        };
        if let Some(there) = document.pointer_mut(&place) {
            *there = value;
        }
    }
}

/// The pointers of all values of a document.
fn collect(value: &Value, at: String, places: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let key = key.replace('~', "~0").replace('/', "~1");
                collect(value, format!("{at}/{key}"), places);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{at}/{index}"), places);
            }
        }
        _ => {}
    }
    places.push(at);
}
