//! Schemas out of bytes: every keyword that there is, in combinations that nobody would write.

use serde_json::{Value, json};

use super::words::*;
use super::{Object, Wild};

impl Wild<'_> {
    pub(super) fn schema(&mut self, depth: usize) -> Value {
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

    pub(super) fn quantity(&mut self) -> Value {
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
}
