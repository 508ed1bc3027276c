//! Brings findings together: one change for each root cause, with everything that it reaches.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use serde_json::Value;

use crate::compare::fact::Fact;
use crate::compare::pairs::{PairId, Pairs};
use crate::compare::{Comparison, Place, Root, xml};
use crate::document::Document;
use crate::pointer;
use crate::report::{Change, Direction};
use crate::rust_impact::{self, Rust, Surface};
use crate::unread::Unread;
use crate::verdict::{self, Effect, Polarity, Tier, Verdict};
use crate::witness::{Origin, Prover, Unproved, Witness};

/// A root cause while it is being gathered.
pub(crate) struct Cause {
    pub(crate) fact: Fact,
    effect: Effect,
    tier: Tier,
    verdict: Verdict,
    rust: Rust,
    operations: BTreeSet<String>,
    directions: BTreeSet<Direction>,
    places: BTreeSet<String>,
    /// Where the verdict comes from, and who meets it there.
    origins: Vec<(Origin, Polarity)>,
    /// It comes from where values are text, which can turn out to take more than the schema says.
    text: bool,
}

/// What makes two facts the same change: the places of a shared one, or else its content.
type Key = (&'static str, Option<String>, Option<String>);

pub(crate) fn gather<'d>(
    comparison: &mut Comparison<'d>,
    old: &'d Document,
    new: &'d Document,
    sources: (&Value, &Value),
    prove: bool,
) -> Vec<Change> {
    let unread = Unread::new(old, new);
    let causes = same_content(unread.once(causes(comparison, (old, new), &unread)));
    let mut prover = prove.then(|| Prover::new(comparison, old, new));
    causes
        .into_iter()
        .map(|cause| change(there(cause, sources), prover.as_mut()))
        .collect()
}

/// The same, at places that are in one of the documents: what was compared is not always written where it was looked for.
fn there(mut cause: Cause, (old, new): (&Value, &Value)) -> Cause {
    let is_there = |place: &str| {
        pointer::lookup(new, place).is_some() || pointer::lookup(old, place).is_some()
    };
    // The list that says it has no place for each member.
    if cause.fact.rule == "required" || cause.places.iter().all(|place| is_there(place)) {
        return cause;
    }
    let before = cause.fact.old.clone().filter(|place| is_there(place));
    cause.places = std::mem::take(&mut cause.places)
        .into_iter()
        .map(|place| {
            let looked_for = Some(&place) == cause.fact.new.as_ref();
            match &before {
                _ if is_there(&place) => place,
                Some(before) if looked_for => before.clone(),
                _ => nearest(&place, is_there).to_owned(),
            }
        })
        .collect();
    cause
}

/// The place itself, or the first above it that is there.
fn nearest(mut place: &str, is_there: impl Fn(&str) -> bool) -> &str {
    while !is_there(place) {
        match place.rsplit_once('/') {
            Some((above, _)) => place = above,
            None => return "#",
        }
    }
    place
}

fn causes(
    comparison: &Comparison<'_>,
    documents: (&Document, &Document),
    unread: &Unread<'_>,
) -> Vec<Cause> {
    let mut causes: BTreeMap<Key, Cause> = BTreeMap::new();
    for finding in &comparison.findings {
        let whom = (
            finding.operation.as_str(),
            finding.direction,
            finding.polarity,
        );
        add(&mut causes, &finding.fact, whom, false, || {
            Origin::Call(finding.exam.clone().map(Box::new))
        });
    }
    let sent = Reach::new(&comparison.sent);
    let received = comparison.received.as_ref().map(Reach::new);
    for (index, root) in comparison.roots.iter().enumerate() {
        let reach = match (root.polarity, &received) {
            (Polarity::Received, Some(reach)) => reach,
            _ => &sent,
        };
        let whom = (root.operation.as_str(), root.direction, root.polarity);
        reach.each(root, |fact, pair| {
            let mut fact = fact.clone();
            fact.subject = called(fact.subject, &root.place);
            if matches!(root.place, Place::Header(..) | Place::PartHeader(..)) {
                // Generated clients hand headers out as they came, whatever they hold.
                fact.surface = Surface::Text;
            }
            if root.text.is_some() && fact.rule == "nullable" {
                // Null has no text: whether a schema takes it, it is never sent.
                fact.effect = Effect::NONE;
            }
            unread.weigh(&mut fact, root.polarity);
            fact.old = fact.old.map(|place| documents.0.written(&place));
            fact.new = fact.new.map(|place| documents.1.written(&place));
            let exam = xml::weigh(&mut fact, root);
            let fact = &fact;
            let text = root.text.is_some();
            add(&mut causes, fact, whom, text, || match fact.rule {
                xml::RULE => Origin::Call(exam.clone().map(Box::new)),
                _ => Origin::Schema(index, pair),
            });
        });
    }
    causes.into_values().collect()
}

/// What has no name is called by where it stands, and so are its parts and what is said of it.
fn called(subject: String, place: &Place) -> String {
    let start = subject.rfind(" of ").map_or(0, |at| at + " of ".len());
    let (said, name) = subject.split_at(start);
    match name {
        "" | "[]" | ".*" => format!("{said}{}{name}", place.describe()),
        _ => subject,
    }
}

fn add(
    causes: &mut BTreeMap<Key, Cause>,
    fact: &Fact,
    (operation, direction, polarity): (&str, Direction, Polarity),
    text: bool,
    origin: impl Fn() -> Origin,
) {
    let verdict = verdict::verdict(fact.tier, fact.effect, polarity);
    let rust = rust_impact::impact(fact.surface, polarity);
    let key = (fact.rule, fact.old.clone(), fact.new.clone());
    let cause = causes.entry(key).or_insert_with(|| Cause {
        fact: fact.clone(),
        effect: fact.effect,
        tier: fact.tier,
        verdict,
        rust,
        operations: BTreeSet::new(),
        directions: BTreeSet::new(),
        // A schema that lets anything pass has no place of its own; the old one says where that is.
        places: fact
            .new
            .iter()
            .chain(&fact.old)
            .filter(|place| *place != "#")
            .take(1)
            .cloned()
            .collect(),
        origins: vec![(origin(), polarity)],
        text,
    });
    cause.effect.narrows |= fact.effect.narrows;
    cause.effect.widens |= fact.effect.widens;
    cause.tier = cause.tier.max(fact.tier);
    match (verdict, !text).cmp(&(cause.verdict, !cause.text)) {
        Ordering::Greater => {
            cause.verdict = verdict;
            cause.origins = vec![(origin(), polarity)];
            cause.text = text;
        }
        Ordering::Equal => merge(&mut cause.origins, [(origin(), polarity)]),
        Ordering::Less => {}
    }
    cause.rust = cause.rust.max(rust);
    if !operation.is_empty() {
        cause.operations.insert(operation.to_owned());
    }
    cause.directions.insert(if fact.tier > Tier::Notice {
        direction
    } else {
        Direction::None
    });
}

/// Joins causes that are the same edit made in several places, as inlined schemas have it.
fn same_content(causes: Vec<Cause>) -> Vec<Cause> {
    let mut all: Vec<Cause> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for cause in causes {
        let fact = &cause.fact;
        let content = format!(
            "{}\n{}\n{}\n{}\n{:?}{:?}{}",
            fact.rule, fact.subject, fact.before, fact.after, cause.verdict, cause.rust, cause.text
        );
        match known.get(&content) {
            Some(index) => {
                let first = &mut all[*index];
                first.operations.extend(cause.operations);
                first.directions.extend(cause.directions);
                first.places.extend(cause.places);
                merge(&mut first.origins, cause.origins);
            }
            None => {
                known.insert(content, all.len());
                all.push(cause);
            }
        }
    }
    all
}

fn change(cause: Cause, prover: Option<&mut Prover<'_, '_>>) -> Change {
    let unread = cause.fact.unread.clone();
    let breaks = cause.verdict >= Verdict::BreakingClosed && unread.is_none();
    let proof = prover
        .filter(|_| breaks)
        .map(|prover| prove(prover, &cause));
    let mut verdict = cause.verdict;
    let (witness, unknown) = match proof {
        None => (None, None),
        Some(Ok(witness)) => (Some(witness), None),
        Some(Err(Unproved::Unknown(why))) => (None, Some(why)),
        Some(Err(Unproved::Refuted)) => {
            verdict = Verdict::Compatible;
            (None, None)
        }
    };
    // What is the same, written so that it can be used, is told from what nobody can tell.
    let (correction, unknown) = match unread {
        Some(why) if cause.tier == Tier::Same => (Some(why), unknown),
        other => (None, unknown.or(other)),
    };
    let fact = cause.fact;
    let mut places = cause.places.into_iter();
    let place = places.next().unwrap_or_else(|| "#".to_owned());
    Change {
        fingerprint: fingerprint(&fact, &place),
        summary: crate::summary::summary(&fact),
        rule: fact.rule.to_owned(),
        pointer: place,
        also_at: places.collect(),
        operations: cause.operations.into_iter().collect(),
        direction: direction(&cause.directions),
        effect: cause.effect.word(cause.tier).to_owned(),
        verdict,
        rust: cause.rust,
        items: Vec::new(),
        cell: None,
        remedy: None,
        remains: Vec::new(),
        before: fact.before,
        after: fact.after,
        witness,
        unknown,
        correction,
        accepted: None,
    }
}

/// What proves a cause at one of its places, or else that it breaks nothing at any.
fn prove(prover: &mut Prover<'_, '_>, cause: &Cause) -> Result<Witness, Unproved> {
    let keywords = keywords(&cause.fact);
    let mut unproved = match cause.origins.len() {
        MAX_ORIGINS => Unproved::Unknown(format!(
            "it breaks nothing at {MAX_ORIGINS} of its places; the others were not looked at"
        )),
        _ => Unproved::Refuted,
    };
    for (origin, polarity) in &cause.origins {
        match prover.prove(origin, *polarity, &keywords) {
            Ok(witness) => return Ok(witness),
            Err(Unproved::Refuted) => {}
            Err(unknown) => unproved = unknown,
        }
    }
    Err(unproved)
}

/// A change that breaks nothing at so many places is not looked at in more.
const MAX_ORIGINS: usize = 16;

/// Adds places that are others, of schemas: a call is told by one.
fn merge(
    origins: &mut Vec<(Origin, Polarity)>,
    more: impl IntoIterator<Item = (Origin, Polarity)>,
) {
    let pair = |(origin, polarity): &(Origin, Polarity)| match origin {
        Origin::Schema(_, pair) => Some((*pair, *polarity)),
        Origin::Call(_) => None,
    };
    for one in more {
        let is_new = pair(&one).is_some() && origins.iter().all(|known| pair(known) != pair(&one));
        if is_new && origins.len() < MAX_ORIGINS {
            origins.push(one);
        }
    }
}

/// The keywords that a validator may object with when this fact is the reason.
fn keywords(fact: &Fact) -> Vec<&'static str> {
    match fact.rule {
        "type" | "nullable" => vec!["type", "enum", "const"],
        "enum" => vec!["enum", "const"],
        "required" | "property-added" => {
            vec!["required", "additionalProperties", "unevaluatedProperties"]
        }
        "property-removed" | "additional-properties" => {
            vec!["additionalProperties", "unevaluatedProperties", "required"]
        }
        "variant-removed" | "variant-added" | "alternatives" | "union-kind" => {
            vec!["oneOf", "anyOf"]
        }
        "required-alternatives" => vec!["anyOf", "oneOf", "required"],
        "minimum" => vec!["minimum", "exclusiveMinimum"],
        "maximum" => vec!["maximum", "exclusiveMaximum"],
        "multiple-of" => vec!["multipleOf"],
        "min-length" => vec!["minLength"],
        "max-length" => vec!["maxLength"],
        "min-items" => vec!["minItems"],
        "max-items" => vec!["maxItems"],
        "min-properties" => vec!["minProperties"],
        "max-properties" => vec!["maxProperties"],
        "pattern" => vec!["pattern"],
        "format" => vec!["format", crate::document::WIDTH],
        "unique-items" => vec!["uniqueItems"],
        "dependent-required" => vec!["dependentRequired", "dependentSchemas", "if"],
        "pattern-properties" => vec!["patternProperties", "additionalProperties"],
        "condition" => {
            let keyword = fact.subject.split(' ').next().unwrap_or_default();
            let known = CONDITIONS.iter().filter(|known| **known == keyword);
            known.copied().collect()
        }
        _ => Vec::new(),
    }
}

/// Keywords that are compared by what stands under them.
const CONDITIONS: &[&str] = &["not", "if", "contains", "propertyNames", "dependentSchemas"];

fn direction(all: &BTreeSet<Direction>) -> Direction {
    let mut real = all.iter().copied().filter(|one| *one != Direction::None);
    match (real.next(), real.next()) {
        (None, _) => Direction::None,
        (Some(only), None) => only,
        _ => Direction::Both,
    }
}

/// FNV-1a over what the change is, and not over where inlined copies of it happen to be.
fn fingerprint(fact: &Fact, pointer: &str) -> String {
    let (before, after) = (fact.before.to_string(), fact.after.to_string());
    fingerprint_of(&[fact.rule, &fact.subject, pointer, &before, &after])
}

/// The stable name of what these lines say.
pub(crate) fn fingerprint_of(lines: &[&str]) -> String {
    let text = lines.join("\n");
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// Which pairs have anything to say, so that walks from the roots visit nothing else.
struct Reach<'p, 'd> {
    pairs: &'p Pairs<'d>,
    stirred: Vec<bool>,
    known: RefCell<HashMap<PairId, Facts<'p>>>,
}

/// Facts, each with the pair that it stands at.
type Facts<'p> = Rc<[(PairId, &'p Fact)]>;

impl<'p, 'd> Reach<'p, 'd> {
    fn new(pairs: &'p Pairs<'d>) -> Self {
        let mut above: Vec<Vec<PairId>> = vec![Vec::new(); pairs.list.len()];
        let mut stirred = vec![false; pairs.list.len()];
        let mut open = Vec::new();
        for (id, pair) in pairs.list.iter().enumerate() {
            for edge in &pair.edges {
                above[edge.to].push(id);
            }
            if !pair.facts.is_empty() || pair.edges.iter().any(|edge| !edge.facts.is_empty()) {
                stirred[id] = true;
                open.push(id);
            }
        }
        while let Some(id) = open.pop() {
            for parent in &above[id] {
                if !stirred[*parent] {
                    stirred[*parent] = true;
                    open.push(*parent);
                }
            }
        }
        Self {
            pairs,
            stirred,
            known: RefCell::new(HashMap::new()),
        }
    }

    fn each(&self, root: &Root, mut visit: impl FnMut(&Fact, PairId)) {
        for fact in &root.edge.facts {
            visit(fact, root.edge.to);
        }
        for (pair, fact) in self.under(root.edge.to).iter() {
            visit(fact, *pair);
        }
    }

    /// Every fact under a pair. Many messages start from the same schema.
    fn under(&self, start: PairId) -> Facts<'p> {
        if let Some(known) = self.known.borrow().get(&start) {
            return known.clone();
        }
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut open = vec![start];
        while let Some(id) = open.pop() {
            if !self.stirred[id] || !seen.insert(id) {
                continue;
            }
            let pair = &self.pairs.list[id];
            found.extend(pair.facts.iter().map(|fact| (id, fact)));
            for edge in &pair.edges {
                found.extend(edge.facts.iter().map(|fact| (edge.to, fact)));
                open.push(edge.to);
            }
        }
        let found: Facts<'p> = Rc::from(found);
        self.known.borrow_mut().insert(start, found.clone());
        found
    }
}
