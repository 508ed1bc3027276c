//! What a change does to the Rust API generated from the document, under this house's conventions:
//! responses are open (unknown values and members decode), request types have builders whose
//! required arguments come first, constraints are not types, and names come from `operationId` and
//! component names.
//!
//! Two answers meet here. [`impact`] is the table: what a kind of edit does by those conventions,
//! which cover more than any generator writes (deprecations, servers, credentials, other media
//! types). `measure` generates both clients and compares their public items, which finds what no
//! table foresees. A change gets the larger step of the two.

#[cfg(feature = "generate")]
mod api;
#[cfg(feature = "generate")]
mod blame;
mod cells;
#[cfg(feature = "generate")]
mod generate;
mod lock;
#[cfg(feature = "generate")]
mod measure;
#[cfg(feature = "generate")]
mod moves;
#[cfg(feature = "generate")]
mod pairing;
#[cfg(feature = "generate")]
mod part;
#[cfg(feature = "generate")]
mod remedy;
mod version;

use serde::Serialize;

use crate::verdict::Polarity;

pub(crate) use cells::settle;
pub use cells::{Cell, Remedy};
pub use lock::Lock;
pub use version::Version;

/// The version step that the generated crate must take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rust {
    /// The generated source does not change.
    None,
    /// Its text changes, its public items do not.
    Patch,
    /// It gains items.
    Minor,
    /// Code written against it may no longer compile.
    Major,
}

impl Rust {
    /// The name that reports use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}

/// How a change touches the public items of a generated crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Surface {
    /// Comments, literals, encodings, checks: nothing that a caller names.
    Text,
    /// `#[deprecated]` appears.
    Deprecated,
    /// An item is there that was not.
    Added,
    /// A field or argument is there that was not, and must be given by whoever builds the value.
    AddedRequired,
    /// An item is gone.
    Removed,
    /// An item has another name.
    Renamed,
    /// A field, argument or return value has another type.
    Retyped,
    /// A member became required or optional; (needed `Option` before, needs it now).
    Presence(bool, bool),
    /// A member can or can't be null any more; (needed `Option` before, needs it now).
    Null(bool, bool),
    /// An enum gained a variant; (it had more than one before).
    VariantAdded(bool),
    /// An enum lost a variant.
    VariantRemoved,
}

/// The table.
pub(crate) fn impact(surface: Surface, polarity: Polarity) -> Rust {
    match (surface, polarity) {
        (Surface::Text, _) => Rust::Patch,
        // A required member is an argument of its builder, whatever its type.
        (Surface::Presence(before, after), Polarity::Received)
        | (Surface::Null(before, after), _)
            if before == after =>
        {
            Rust::Patch
        }
        (Surface::Deprecated | Surface::Added | Surface::VariantAdded(true), _)
        | (Surface::AddedRequired, Polarity::Received) => Rust::Minor,
        (
            Surface::AddedRequired
            | Surface::Removed
            | Surface::Renamed
            | Surface::Retyped
            | Surface::Presence(..)
            | Surface::Null(..)
            | Surface::VariantAdded(false)
            | Surface::VariantRemoved,
            _,
        ) => Rust::Major,
    }
}
