//! What comes out: the 3.0.3 document, and where each of its types comes from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;

/// An OpenAPI 3.0.3 document that progenitor and typify read.
#[derive(Debug, Clone, PartialEq)]
pub struct Document30 {
    value: Value,
    types: BTreeMap<String, TypeOrigin>,
}

/// Where a component of the lowered document comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeOrigin {
    /// JSON pointers to the schemas of the input document that this type stands for: one, or
    /// several that say the same.
    pub pointers: Vec<String>,
    /// Which way its values travel.
    pub direction: Direction,
    /// Whether it is the schema or a part of it.
    pub part: TypePart,
}

/// Which way values of a type travel, seen from the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Sent only: strict.
    Request,
    /// Received only: open.
    Response,
    /// Both, and the strict and the open reading are the same.
    Both,
}

/// Which part of its schema a type stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TypePart {
    /// The schema.
    Whole,
    /// The values that the schema lists, without the unknown ones that its open reading allows.
    Known,
    /// The schema as a variant of a tagged union that is received: with the one value of its tag.
    Variant,
    /// The tag of such a variant.
    Tag,
}

impl Document30 {
    pub(crate) fn new(value: Value, types: BTreeMap<String, TypeOrigin>) -> Self {
        let mut value = value;
        sort(&mut value);
        Self { value, types }
    }

    /// The document as JSON.
    #[must_use]
    pub fn as_value(&self) -> &Value {
        &self.value
    }

    /// The document as JSON.
    #[must_use]
    pub fn into_value(self) -> Value {
        self.value
    }

    /// The origin of each entry of `components.schemas`, by its name, which is also the name of
    /// the Rust type that typify makes of it.
    #[must_use]
    pub fn types(&self) -> &BTreeMap<String, TypeOrigin> {
        &self.types
    }

    /// The document as the generator takes it.
    ///
    /// # Errors
    ///
    /// When `openapiv3` does not accept the document: a defect of this crate.
    pub fn to_openapi(&self) -> Result<openapiv3::OpenAPI, Error> {
        openapiv3::OpenAPI::deserialize(&self.value).map_err(|cause| {
            Error::new(
                "",
                format!("the lowered document is not OpenAPI 3.0: {cause}"),
            )
        })
    }
}

impl Direction {
    pub(crate) fn and(self, other: Self) -> Self {
        if self == other { self } else { Self::Both }
    }
}

/// Puts the keys of all objects in order, so that the text does not depend on whether some other
/// crate has turned on `serde_json/preserve_order`.
fn sort(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<String, Value> = std::mem::take(map).into_iter().collect();
            map.extend(sorted);
            map.values_mut().for_each(sort);
        }
        Value::Array(items) => items.iter_mut().for_each(sort),
        _ => {}
    }
}
