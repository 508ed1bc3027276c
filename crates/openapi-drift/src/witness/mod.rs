//! Proof: for a change that breaks, a message that is valid under one document and not under the
//! other. What is proposed here is believed only after the `jsonschema` crate, which knows nothing
//! of the comparison, has judged it under both.

mod alone;
mod covered;
mod judge;
mod lift;
mod make;
mod named;
mod pattern;
mod probe;
mod spoken;
mod text;

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use serde_json::{Value, json};

use crate::compare::pairs::{PairId, Pairs};
use crate::compare::{Comparison, Place, Root};
use crate::document::Document;
use crate::schema::{Arena, Form};
use crate::verdict::Polarity;
pub(crate) use judge::is_of_format;
use judge::{Judge, Judges, Reading, reference};

/// A message that one document admits and the other does not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Witness {
    /// Where such a message is met: a request line, or a status line.
    pub line: String,
    /// The message, or the part of it that matters.
    pub instance: Value,
    /// `old` or `new`: the document that admits it; the other one does not.
    pub valid_under: String,
    /// Why the other document does not, in the validator's words.
    pub because: String,
    /// How the documents had to be read for any message to be valid at all, if not as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reading: Option<String>,
}

/// A question that two schemas answer differently, put together where the difference was found.
#[derive(Debug, Clone)]
pub(crate) struct Exam {
    pub(crate) line: String,
    pub(crate) instance: Value,
    pub(crate) old: Value,
    pub(crate) new: Value,
}

/// Where a fact stands, so that a message which shows it can be built.
#[derive(Debug, Clone)]
pub(crate) enum Origin {
    /// Found between operations; the exam comes with it, if there is one.
    Call(Option<Box<Exam>>),
    /// Found between schemas: the root, and the pair.
    Schema(usize, PairId),
}

/// Why there is no witness.
pub(crate) enum Unproved {
    /// There can't be one: nothing breaks here after all, and that is proved.
    Refuted,
    /// None was found.
    Unknown(String),
}

/// Reports with more breaking changes than this are not worth proving one by one.
const MAX_WITNESSES: usize = 400;

/// Larger schemas are not put to set algebra, whose cost grows faster than they do.
const MAX_ALGEBRA: usize = 300;
/// So many values are tried in a whole message.
const MAX_LIFTED: usize = 24;

/// Builds and checks witnesses for one comparison.
pub(crate) struct Prover<'c, 'd> {
    comparison: &'c mut Comparison<'d>,
    judges: Judges<'c>,
    /// For documents that admit nothing as written, each made when first needed.
    opened: HashMap<Polarity, Judges<'c>>,
    relaxed: Option<Judges<'c>>,
    documents: (&'c Document, &'c Document),
    asked: usize,
}

impl<'c, 'd> Prover<'c, 'd> {
    pub(crate) fn new(
        comparison: &'c mut Comparison<'d>,
        old: &'c Document,
        new: &'c Document,
    ) -> Self {
        Self {
            judges: Judges::new(old, new, Reading::Written),
            opened: HashMap::new(),
            relaxed: None,
            documents: (old, new),
            comparison,
            asked: 0,
        }
    }

    /// A checked witness, or why there is none. `keywords` are those the change was found at.
    pub(crate) fn prove(
        &mut self,
        origin: &Origin,
        polarity: Polarity,
        keywords: &[&str],
    ) -> Result<Witness, Unproved> {
        self.asked += 1;
        if self.asked > MAX_WITNESSES {
            return Err(Unproved::Unknown(format!(
                "more than {MAX_WITNESSES} changes break; the rest was not searched for witnesses"
            )));
        }
        match origin {
            Origin::Call(None) => Err(Unproved::Unknown(
                "no message shows this kind of change; read the two places".to_owned(),
            )),
            Origin::Call(Some(exam)) => sit(exam, polarity).map_err(Unproved::Unknown),
            Origin::Schema(root, pair) => {
                let place = (*root, *pair);
                let judges = &mut self.judges;
                let strict = instance(self.comparison, judges, place, polarity, keywords);
                strict.or_else(|why| {
                    if self.is_opened(place, polarity) {
                        return self
                            .opened(place, polarity, keywords)
                            .map_err(Unproved::Unknown);
                    }
                    if self.is_refuted(place, polarity, keywords) {
                        return Err(Unproved::Refuted);
                    }
                    let opened = self.opened(place, polarity, keywords);
                    let (old, new) = self.documents;
                    opened.or_else(|_| {
                        let relaxed = self
                            .relaxed
                            .get_or_insert_with(|| Judges::new(old, new, Reading::AnyOf));
                        instance(self.comparison, relaxed, place, polarity, keywords)
                            .map_err(|_| Unproved::Unknown(why))
                    })
                })
            }
        }
    }

    /// Whether a place lies in a schema that contradicts itself.
    fn is_opened(&self, (root, pair): (usize, PairId), polarity: Polarity) -> bool {
        let pairs = self.pairs(polarity);
        let trail = lift::trail(pairs, self.comparison.roots[root].edge.to, pair);
        let above = trail.iter().flatten().map(|(pair, _)| *pair);
        above.chain([pair]).any(|pair| {
            let pair = &pairs.list[pair];
            pairs.old.get(pair.old).form.is_opened() || pairs.new.get(pair.new).form.is_opened()
        })
    }

    /// A witness where closed schemas let in what is declared beside them.
    fn opened(
        &mut self,
        place: (usize, PairId),
        polarity: Polarity,
        keywords: &[&str],
    ) -> Result<Witness, String> {
        let pairs = self.pairs(polarity);
        let opened = |arena: &Arena<'_>| arena.contradictions().opened.iter().cloned().collect();
        let (before, after): (Vec<String>, Vec<String>) = (opened(&pairs.old), opened(&pairs.new));
        if before.is_empty() && after.is_empty() {
            return Err("nothing is closed against its own parts".to_owned());
        }
        let (old, new) = self.documents;
        let reading = Reading::Opened(before, after);
        let judges = self
            .opened
            .entry(polarity)
            .or_insert_with(|| Judges::new(old, new, reading));
        instance(self.comparison, judges, place, polarity, keywords)
    }

    fn pairs(&self, polarity: Polarity) -> &Pairs<'d> {
        match (polarity, &self.comparison.received) {
            (Polarity::Received, Some(pairs)) => pairs,
            _ => &self.comparison.sent,
        }
    }

    /// Whether the whole message is proved to be admitted after all, such as by another branch.
    fn is_refuted(
        &mut self,
        (root, pair): (usize, PairId),
        polarity: Polarity,
        keywords: &[&str],
    ) -> bool {
        if self.is_text_covered(root, polarity) {
            return true;
        }
        // The algebra does not know the widths of numbers.
        if keywords.contains(&"format") {
            return false;
        }
        let own_is_old = polarity == Polarity::Sent;
        let pairs = self.pairs(polarity);
        let root = &self.comparison.roots[root];
        let (old, new) = (vec![root.schemas.0.clone()], vec![root.schemas.1.clone()]);
        if !is_small(pairs, root.edge.to) {
            return false;
        }
        let here = (
            places(pairs, pair, own_is_old),
            places(pairs, pair, !own_is_old),
        );
        let whole = if own_is_old { (old, new) } else { (new, old) };
        let own_arena = if own_is_old { &pairs.old } else { &pairs.new };
        // What admits nothing is covered by everything, which says nothing of what it is meant to admit.
        if !own_arena.contradictions().found.is_empty() {
            let trail = lift::trail(pairs, root.edge.to, pair).unwrap_or_default();
            let above = trail.into_iter().map(|(pair, _)| pair);
            let way: Vec<PairId> = above.chain([pair]).collect();
            let all = |prover: &mut Self| {
                way.into_iter()
                    .all(|pair| prover.is_inhabited(pair, own_is_old, polarity))
            };
            if !all(self) {
                return false;
            }
        }
        let own_here = reference(&here.0);
        let all = [here, whole].map(|(own, other)| (reference(&own), reference(&other)));
        let mut all = all.into_iter();
        all.any(|(own, other)| self.judges.covers(own_is_old, polarity, (&own, &other)))
            || self.is_met_alone((pair, &own_here), polarity, keywords)
    }

    /// Whether what these keywords demand by themselves is met by all that was admitted at a pair.
    fn is_met_alone(
        &mut self,
        (pair, own): (PairId, &Value),
        polarity: Polarity,
        keywords: &[&str],
    ) -> bool {
        let own_is_old = polarity == Polarity::Sent;
        let pairs = self.pairs(polarity);
        let pair = &pairs.list[pair];
        let (old, new) = (pairs.old.get(pair.old), pairs.new.get(pair.new));
        let (before, demand) = if own_is_old {
            (&old, alone::alone(&pairs.new, &new, keywords))
        } else {
            (&new, alone::alone(&pairs.old, &old, keywords))
        };
        let Some(demand) = demand else {
            return false;
        };
        if keywords == ["propertyNames"]
            && let Some(names) = alone::names(&before.form)
        {
            let judge = self.judges.judge_of(!own_is_old, polarity, &demand);
            let mut named = names.into_iter().map(|name| json!({name: null}));
            return judge.is_ok_and(|judge| named.all(|object| judge.admits(&object)));
        }
        self.judges.covers(own_is_old, polarity, (own, &demand))
    }

    /// Whether a value is known that the schemas at a pair admit, on one side.
    fn is_inhabited(&mut self, pair: PairId, own_is_old: bool, polarity: Polarity) -> bool {
        let places = places(self.pairs(polarity), pair, own_is_old);
        let pairs = match (polarity, &mut self.comparison.received) {
            (Polarity::Received, Some(pairs)) => pairs,
            _ => &mut self.comparison.sent,
        };
        let node = &pairs.list[pair];
        let (arena, node) = if own_is_old {
            (&mut pairs.old, node.old)
        } else {
            (&mut pairs.new, node.new)
        };
        let form = arena.get(node).form.clone();
        let made = make::Maker::new(arena).form(&form);
        let judge = self.judges.judge(own_is_old, polarity, &places);
        judge.is_ok_and(|judge| made.is_some_and(|value| judge.admits(&value)))
    }

    /// Whether every text of a parameter or header is sure to be taken by the other document.
    fn is_text_covered(&mut self, root: usize, polarity: Polarity) -> bool {
        let own_is_old = polarity == Polarity::Sent;
        let root = &self.comparison.roots[root];
        let Some(text) = root.text else {
            return false;
        };
        let pairs = match (polarity, &mut self.comparison.received) {
            (Polarity::Received, Some(pairs)) => pairs,
            _ => &mut self.comparison.sent,
        };
        let pair = &pairs.list[root.edge.to];
        let (old, new) = (pairs.old.get(pair.old), pairs.new.get(pair.new));
        let old: (_, &Form) = (&mut pairs.old, &old.form);
        let new: (_, &Form) = (&mut pairs.new, &new.form);
        let (own, other, schema) = if own_is_old {
            (old, new, &root.schemas.1)
        } else {
            (new, old, &root.schemas.0)
        };
        let judge = self
            .judges
            .judge(!own_is_old, polarity, std::slice::from_ref(schema));
        judge.is_ok_and(|judge| covered::covered(text, own, other, Some(&judge)))
    }
}

/// Looks for a value that shows the difference in its place, then for a message around it.
fn instance(
    comparison: &mut Comparison<'_>,
    judges: &mut Judges<'_>,
    (root, pair): (usize, PairId),
    polarity: Polarity,
    keywords: &[&str],
) -> Result<Witness, String> {
    let own_is_old = polarity == Polarity::Sent;
    let root = &comparison.roots[root];
    let pairs = match (polarity, &mut comparison.received) {
        (Polarity::Received, Some(pairs)) => pairs,
        _ => &mut comparison.sent,
    };
    let trail = lift::trail(pairs, root.edge.to, pair)
        .ok_or_else(|| "the place lies too deep in any message".to_owned())?;
    let own = judges.judge(own_is_old, polarity, &places(pairs, pair, own_is_old))?;
    let other = judges.judge(!own_is_old, polarity, &places(pairs, pair, !own_is_old))?;
    let mut fit = telling(pairs, pair, own_is_old, (&own, &other), keywords);
    if let Some(text) = root.text.filter(|_| pair == root.edge.to) {
        let old = pairs.old.get(pairs.list[pair].old);
        let new = pairs.new.get(pairs.list[pair].new);
        let (ours, theirs) = if own_is_old {
            (&old, &new)
        } else {
            (&new, &old)
        };
        let told =
            |sample: &Value| own.admits(sample) && other.objection(sample, keywords).is_some();
        let more = covered::unlike_numbers(&ours.form, &theirs.form);
        fit.extend(more.into_iter().filter(told));
        let mute = |sample: &Value| !text::has_text(text, sample);
        fit.retain(|sample| mute(sample) || !text::taken(text, sample, &other));
    }
    let mut untold = false;
    let found = !fit.is_empty();
    let schema = |old: bool| {
        vec![if old {
            root.schemas.0.clone()
        } else {
            root.schemas.1.clone()
        }]
    };
    let own = judges.judge(own_is_old, polarity, &schema(own_is_old))?;
    let other = judges.judge(!own_is_old, polarity, &schema(!own_is_old))?;
    let tries = fit
        .into_iter()
        .take(MAX_LIFTED)
        .flat_map(|fit| [(fit.clone(), true), (fit, false)]);
    for (sample, agree) in tries {
        let Some(mut instance) = lift::lift(pairs, &trail, sample, own_is_old, agree) else {
            continue;
        };
        // One report, however the program's `serde_json` keeps its maps.
        instance.sort_all_objects();
        if root
            .text
            .is_some_and(|text| !text::has_text(text, &instance))
        {
            untold = true;
            continue;
        }
        if !own.admits(&instance)
            || root
                .text
                .is_some_and(|text| text::taken(text, &instance, &other))
        {
            continue;
        }
        let because = other.objection(&instance, keywords);
        if let Some(because) = because.map(|objection| objection.message()) {
            return Ok(Witness {
                line: line(root, &instance),
                instance,
                valid_under: side(own_is_old).to_owned(),
                because,
                reading: judges.reading.describe(),
            });
        }
    }
    Err(if untold {
        "the standard does not say how such a value is written in this place".to_owned()
    } else if found {
        "a value shows it in its place, but no whole message was found around it".to_owned()
    } else {
        "no value was found that one document admits and the other does not".to_owned()
    })
}

/// Whether set algebra on the schemas under a pair is sure to end soon.
fn is_small(pairs: &Pairs<'_>, start: PairId) -> bool {
    let mut seen = HashSet::from([start]);
    let mut open = vec![start];
    let mut alternatives = 0;
    while let Some(pair) = open.pop() {
        let here = &pairs.list[pair];
        alternatives += pairs.old.get(here.old).form.width() + pairs.new.get(here.new).form.width();
        if seen.len() > MAX_ALGEBRA || alternatives > MAX_ALGEBRA {
            return false;
        }
        open.extend(
            here.edges
                .iter()
                .map(|edge| edge.to)
                .filter(|to| seen.insert(*to)),
        );
    }
    true
}

/// The places of the schemas that apply at a pair, on one side.
fn places(pairs: &Pairs<'_>, pair: PairId, old: bool) -> Vec<String> {
    let (arena, node) = if old {
        (&pairs.old, pairs.list[pair].old)
    } else {
        (&pairs.new, pairs.list[pair].new)
    };
    let node = arena.get(node);
    node.conj
        .iter()
        .map(|raw| arena.pointer(*raw).to_owned())
        .collect()
}

/// Values that one side admits and the other does not: first those that fail for the reason that
/// the change gives, and for no other.
fn telling(
    pairs: &mut Pairs<'_>,
    pair: PairId,
    own_is_old: bool,
    (own, other): (&Judge, &Judge),
    keywords: &[&str],
) -> Vec<Value> {
    let nodes = (pairs.list[pair].old, pairs.list[pair].new);
    let mut telling: Vec<((bool, usize), Value)> = Vec::new();
    let mut samples = probe::samples(pairs, nodes, own_is_old);
    samples.extend(named::samples(pairs, nodes, own_is_old));
    for sample in samples {
        if own.admits(&sample)
            && let Some(objection) = other.objection(&sample, keywords)
        {
            telling.push(((!objection.expected, objection.count), sample));
        }
    }
    telling.sort_by_key(|(rank, _)| *rank);
    telling.into_iter().map(|(_, sample)| sample).collect()
}

/// Puts a ready question to both schemas.
fn sit(exam: &Exam, polarity: Polarity) -> Result<Witness, String> {
    let old = Judge::free(&exam.old)?;
    let new = Judge::free(&exam.new)?;
    let judged = [(true, &old, &new), (false, &new, &old)];
    // A sender is stopped by the new document; a reader by what only the new one admits, or,
    // where a reader asks for what it wants, by no longer getting it.
    let order: &[usize] = if polarity == Polarity::Sent {
        &[0]
    } else {
        &[1, 0]
    };
    for index in order {
        let (own_is_old, own, other) = judged[*index];
        if own.admits(&exam.instance)
            && let Some(objection) = other.objection(&exam.instance, &[])
        {
            return Ok(Witness {
                line: exam.line.clone(),
                instance: exam.instance.clone(),
                valid_under: side(own_is_old).to_owned(),
                because: objection.message(),
                reading: None,
            });
        }
    }
    Err("both documents judge the message alike".to_owned())
}

fn side(old: bool) -> &'static str {
    if old { "old" } else { "new" }
}

fn line(root: &Root, instance: &Value) -> String {
    let name = match &root.place {
        Place::Parameter(_, name) | Place::Header(_, name) | Place::PartHeader(_, name) => {
            name.as_str()
        }
        Place::Body(_) | Place::Response(..) => "",
    };
    let plain = match instance {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let written = root.text.and_then(|text| text::shown(text, name, instance));
    let text = written.unwrap_or_else(|| match &root.place {
        Place::Parameter(location, name) if matches!(location.as_str(), "query" | "cookie") => {
            format!("{name}={plain}")
        }
        _ => plain,
    });
    match &root.place {
        Place::Body(media) => format!("{} with {media}", root.operation),
        Place::Parameter(location, name) => match location.as_str() {
            "query" => format!("{}?{text}", root.operation),
            "header" => format!("{} with {name}: {text}", root.operation),
            "cookie" => format!("{} with Cookie: {text}", root.operation),
            _ => root.operation.replace(&format!("{{{name}}}"), &text),
        },
        Place::Response(status, media) => format!("{status} with {media}, to {}", root.operation),
        Place::Header(status, name) => {
            format!("{status} with {name}: {text}, to {}", root.operation)
        }
        Place::PartHeader(part, name) => {
            format!("{} with {name}: {text} at part {part}", root.operation)
        }
    }
}
