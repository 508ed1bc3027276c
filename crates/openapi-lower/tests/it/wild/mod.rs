//! Documents that nobody would write, made out of bytes: whatever the specification allows, and on
//! top of it damage at random places. Shared by the property tests and the fuzz targets; what has
//! to hold of such a document is said there.

mod schemas;
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
