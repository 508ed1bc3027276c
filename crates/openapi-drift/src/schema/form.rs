//! The normal form's own types. They hold no verdicts and know no document.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::{Number, Value};

use super::{Bound, Conj, RawId};

/// A set of JSON kinds, with numbers split into whole and other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Kinds(pub(crate) u8);

impl Kinds {
    pub(crate) const NULL: u8 = 1;
    pub(crate) const BOOLEAN: u8 = 2;
    pub(crate) const INTEGER: u8 = 4;
    pub(crate) const FRACTION: u8 = 8;
    pub(crate) const STRING: u8 = 16;
    pub(crate) const ARRAY: u8 = 32;
    pub(crate) const OBJECT: u8 = 64;
    pub(crate) const ALL: u8 = 127;

    pub(crate) fn without_null(self) -> u8 {
        self.0 & !Self::NULL
    }

    /// As `type` would say it.
    pub(crate) fn to_value(self) -> Value {
        let has = |bit: u8| self.0 & bit != 0;
        let mut names = Vec::new();
        for (bit, name) in [
            (Self::BOOLEAN, "boolean"),
            (Self::STRING, "string"),
            (Self::ARRAY, "array"),
            (Self::OBJECT, "object"),
        ] {
            if has(bit) {
                names.push(Value::from(name));
            }
        }
        if has(Self::FRACTION) {
            names.push(Value::from("number"));
        } else if has(Self::INTEGER) {
            names.push(Value::from("integer"));
        }
        if has(Self::NULL) {
            names.push(Value::from("null"));
        }
        match names.len() {
            0 => Value::from("nothing"),
            1 => names.remove(0),
            6 => Value::from("anything"),
            _ => Value::Array(names),
        }
    }
}

/// A place for a child value: forbidden, or under all of some schemas.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Child {
    Never,
    All(Conj),
}

impl Child {
    pub(crate) fn anything() -> Self {
        Self::All(Rc::from([]))
    }

    pub(crate) fn is_anything(&self) -> bool {
        matches!(self, Self::All(conj) if conj.is_empty())
    }

    pub(crate) fn meet(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Never, _) | (_, Self::Never) => Self::Never,
            (Self::All(left), Self::All(right)) => {
                let mut all = left.to_vec();
                all.extend(right.iter().filter(|raw| !left.contains(raw)));
                Self::All(Rc::from(all))
            }
        }
    }
}

/// A keyword that the alternatives do not spell out; it is compared by what stands under it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Opaque {
    pub(crate) keyword: &'static str,
    pub(crate) raw: RawId,
}

/// Where an alternative was written, and what else must hold there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meta {
    pub(crate) sources: Vec<RawId>,
    /// The component that a generator would name a type after.
    pub(crate) name: Option<Rc<str>>,
    pub(crate) opaque: BTreeSet<Opaque>,
    /// Nothing satisfies it as written: it owes members that a closed part of it does not let in. It is read as if that part did.
    pub(crate) opened: bool,
}

impl Meta {
    /// Adds places, each once: schemas that meet by many ways would be listed once for each way.
    pub(crate) fn add(&mut self, sources: &[RawId]) {
        for raw in sources {
            if !self.sources.contains(raw) {
                self.sources.push(*raw);
            }
        }
    }
}

impl PartialEq for Meta {
    /// Where an alternative was written makes it no other alternative.
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.opaque == other.opaque
    }
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Num {
    pub(crate) meta: Meta,
    pub(crate) whole: bool,
    pub(crate) low: Option<Bound>,
    pub(crate) high: Option<Bound>,
    pub(crate) multiples: Vec<Number>,
    pub(crate) format: Option<String>,
    pub(crate) values: Option<Vec<Value>>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Str {
    pub(crate) meta: Meta,
    pub(crate) min: u64,
    pub(crate) max: Option<u64>,
    pub(crate) patterns: BTreeSet<String>,
    pub(crate) format: Option<String>,
    pub(crate) values: Option<BTreeSet<String>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Arr {
    pub(crate) meta: Meta,
    pub(crate) prefix: Vec<Child>,
    pub(crate) items: Child,
    pub(crate) min: u64,
    pub(crate) max: Option<u64>,
    pub(crate) unique: bool,
    pub(crate) values: Option<Vec<Value>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Obj {
    pub(crate) meta: Meta,
    pub(crate) properties: BTreeMap<Rc<str>, Child>,
    pub(crate) required: BTreeSet<Rc<str>>,
    pub(crate) patterns: BTreeMap<Rc<str>, Child>,
    /// What members may be that no other keyword declares.
    pub(crate) extra: Child,
    pub(crate) min: u64,
    pub(crate) max: Option<u64>,
    /// `dependentRequired`: (when this is present, so is that).
    pub(crate) dependent: BTreeSet<(Rc<str>, Rc<str>)>,
    pub(crate) values: Option<Vec<Value>>,
    /// Members that one part declares and a closed one does not let in: no object has them.
    pub(crate) shut: BTreeMap<Rc<str>, Child>,
}

impl Default for Arr {
    fn default() -> Self {
        Self {
            meta: Meta::default(),
            prefix: Vec::new(),
            items: Child::anything(),
            min: 0,
            max: None,
            unique: false,
            values: None,
        }
    }
}

impl Default for Obj {
    fn default() -> Self {
        Self {
            meta: Meta::default(),
            properties: BTreeMap::new(),
            required: BTreeSet::new(),
            patterns: BTreeMap::new(),
            extra: Child::anything(),
            min: 0,
            max: None,
            dependent: BTreeSet::new(),
            values: None,
            shut: BTreeMap::new(),
        }
    }
}

/// For each kind, the alternatives that admit it. No alternative: the kind is not admitted.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Form {
    pub(crate) null: bool,
    pub(crate) yes: bool,
    pub(crate) no: bool,
    pub(crate) numbers: Vec<Num>,
    pub(crate) strings: Vec<Str>,
    pub(crate) arrays: Vec<Arr>,
    pub(crate) objects: Vec<Obj>,
    /// The alternatives came from a `oneOf` whose branches can overlap.
    pub(crate) exclusive: bool,
    /// There were more alternatives than are kept.
    pub(crate) cut: bool,
    /// Parts that nothing satisfies: alternatives that are none.
    pub(crate) dead: Vec<RawId>,
}

impl Form {
    pub(crate) fn anything() -> Self {
        Self {
            null: true,
            yes: true,
            no: true,
            numbers: vec![Num::default()],
            strings: vec![Str::default()],
            arrays: vec![Arr::default()],
            objects: vec![Obj::default()],
            exclusive: false,
            cut: false,
            dead: Vec::new(),
        }
    }

    pub(crate) fn never() -> Self {
        Self::default()
    }

    pub(crate) fn kinds(&self) -> Kinds {
        let mut bits = 0;
        for (present, bit) in [
            (self.null, Kinds::NULL),
            (self.yes || self.no, Kinds::BOOLEAN),
            (!self.numbers.is_empty(), Kinds::INTEGER),
            (
                self.numbers.iter().any(|number| !number.whole),
                Kinds::FRACTION,
            ),
            (!self.strings.is_empty(), Kinds::STRING),
            (!self.arrays.is_empty(), Kinds::ARRAY),
            (!self.objects.is_empty(), Kinds::OBJECT),
        ] {
            if present {
                bits |= bit;
            }
        }
        Kinds(bits)
    }

    /// Whether every value is admitted, whatever words stand beside.
    pub(crate) fn is_anything(&self) -> bool {
        fn plain<T: Clone + PartialEq + Default>(
            list: &[T],
            strip: impl Fn(&mut T) -> bool,
        ) -> bool {
            let [only] = list else { return false };
            let mut only = only.clone();
            strip(&mut only) && only == T::default()
        }
        fn bare(meta: &mut Meta) -> bool {
            let open = meta.opaque.is_empty();
            *meta = Meta::default();
            open
        }
        self.null
            && self.yes
            && self.no
            && plain(&self.numbers, |one| bare(&mut one.meta))
            && plain(&self.strings, |one| bare(&mut one.meta))
            && plain(&self.arrays, |one| bare(&mut one.meta))
            && plain(&self.objects, |one| bare(&mut one.meta))
    }

    /// Whether no value is admitted.
    pub(crate) fn is_never(&self) -> bool {
        self.width() == 0 && !self.null
    }

    /// Whether an object owes what a closed part of it does not let in.
    pub(crate) fn is_opened(&self) -> bool {
        self.objects.iter().any(|one| one.meta.opened)
    }

    pub(super) fn add_dead(&mut self, more: &[RawId]) {
        for raw in more {
            if !self.dead.contains(raw) {
                self.dead.push(*raw);
            }
        }
    }

    /// Every alternative's provenance.
    pub(crate) fn metas_mut(&mut self) -> impl Iterator<Item = &mut Meta> {
        self.numbers
            .iter_mut()
            .map(|one| &mut one.meta)
            .chain(self.strings.iter_mut().map(|one| &mut one.meta))
            .chain(self.arrays.iter_mut().map(|one| &mut one.meta))
            .chain(self.objects.iter_mut().map(|one| &mut one.meta))
    }

    /// How many alternatives there are besides null.
    pub(crate) fn width(&self) -> usize {
        usize::from(self.yes || self.no)
            + self.numbers.len()
            + self.strings.len()
            + self.arrays.len()
            + self.objects.len()
    }
}
