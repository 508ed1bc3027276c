//! `cargo xtask sync`: brings the vendor's document in.
//!
//! Everything is fetched, judged and tried beside the workspace; only a document that passes all the way to the generated
//! client replaces the old one, in one step. Whatever goes wrong before that leaves the workspace as it was.

mod client;
mod descriptions;
mod guide;
mod guides;
mod identity;
mod limits;
mod lines;
mod merge;
mod near;
mod page;
mod record;
mod road;
mod settings;
mod shape;
mod slice;
mod source;
mod swap;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use serde_json::Value;

use crate::documents::{BASE, DERIVED};
use crate::yaml;
use client::Patience;
use settings::{Entry, FILE, Slice};
use source::{Document, Kind, Material, Reader, sha256};

use guides::Page;
pub(crate) use road::Arrival;

pub(crate) use settings::Upstream;
pub(crate) use swap::recover;

/// How to take.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    asked: Asked,
    /// Compile the SDK and the program with the new client before anything is put in place
    #[arg(long)]
    compile: bool,
}

/// Where to look. Without any source, all those of upstream.toml are asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Asked {
    /// The whole document: a URL, or a file in JSON or YAML
    #[arg(long, value_name = "URL|FILE")]
    json: Option<String>,
    /// A reference page in Markdown; may be given several times
    #[arg(long, value_name = "URL|FILE")]
    page: Vec<String>,
    /// The guide page in Markdown; it is compared with clips.yaml
    #[arg(long, value_name = "URL|FILE")]
    guide: Option<String>,
    /// Take a document that has fewer operations than before
    #[arg(long)]
    accept_removals: bool,
    /// Keep what was fetched in this folder
    #[arg(long, value_name = "DIR")]
    record: Option<PathBuf>,
    #[command(flatten)]
    how: How,
}

impl Asked {
    /// The sources as they were given, for a command that goes on with them; each with a space before it.
    pub(crate) fn sources(&self) -> String {
        let json = self.json.iter().map(|one| ("--json", one));
        let pages = self.page.iter().map(|one| ("--page", one));
        let guide = self.guide.iter().map(|one| ("--guide", one));
        let mut line: String = json
            .chain(pages)
            .chain(guide)
            .map(|(option, source)| format!(" {option} {}", quoted(source)))
            .collect();
        if self.accept_removals {
            line.push_str(" --accept-removals");
        }
        line
    }
}

/// As a shell reads it back.
fn quoted(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/.:_-@%+=,".contains(letter);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// How to ask.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct How {
    /// Seconds to wait for a whole answer
    #[arg(long, value_name = "SECONDS", default_value = "60")]
    timeout: f64,
    /// Seconds before the second attempt
    #[arg(long, value_name = "SECONDS", default_value = "2")]
    backoff: f64,
    /// The day to record, as YYYY-MM-DD; today when not given
    #[arg(long, value_name = "DATE")]
    date: Option<jiff::civil::Date>,
}

impl How {
    fn reader(&self) -> Result<Reader, String> {
        let seconds = |name, value| {
            Duration::try_from_secs_f64(value).map_err(|error| format!("--{name}: {error}"))
        };
        Ok(Reader::new(Patience {
            answer: seconds("timeout", self.timeout)?,
            between: seconds("backoff", self.backoff)?,
        }))
    }

    fn date(&self) -> String {
        self.date.map_or_else(today, |date| date.to_string())
    }
}

/// The day in UTC, as YYYY-MM-DD.
pub(crate) fn today() -> String {
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    now.date().to_string()
}

/// Exit code when the guide page and `clips.yaml` differ, as of a report that says so.
const DRIFT: u8 = 4;

/// Brings the vendor's document in.
pub(crate) fn run(root: &Path, options: &Options) -> Result<ExitCode, String> {
    let _lock = swap::lock(root)?.ok_or("another sync is at work in this workspace")?;
    let mut upstream = Upstream::read(root)?;
    let found = look(root, &upstream, &options.asked)?;
    let date = options.asked.how.date();
    let mut files = Vec::new();
    if let Some(offer) = &found.offer {
        offer.notes.iter().for_each(|note| println!("note: {note}"));
        if offer.is_new() {
            let arrival = offer.walk(root)?;
            for pointer in &arrival.repeated {
                println!(
                    "note: the vendor's document now has {pointer}, which an overlay adds too; retire what repeats it"
                );
            }
            upstream.set("create-ai-clipping.yaml", &offer.entry(&date)?)?;
            files = arrival.files;
        } else {
            println!("nothing changed in what we take");
        }
    }
    for page in &found.guides {
        page.report();
        page.note(root, &mut upstream, &date)?;
    }
    files.push((PathBuf::from(FILE), upstream.text().to_owned()));
    let files = road::changed(root, files);
    if files.is_empty() {
        println!("nothing to write");
    } else {
        if options.compile {
            road::compile(root, &files)?;
        }
        swap::replace(root, &files)?;
        for (path, _) in &files {
            println!("wrote {}", path.display());
        }
        println!("next: `INSTA_UPDATE=always cargo test`, and read the difference");
    }
    let drifted = found.guides.iter().any(|page| !page.differences.is_empty());
    Ok(ExitCode::from(if drifted { DRIFT } else { 0 }))
}

/// What was found upstream.
pub(crate) struct Found {
    /// What there is to take, when a document was asked for.
    pub(crate) offer: Option<Offer>,
    /// The guide pages.
    pub(crate) guides: Vec<Page>,
}

/// A slice that could be taken.
pub(crate) struct Offer {
    source: Document,
    /// What was taken last.
    pub(crate) before: Value,
    /// What there is now.
    pub(crate) sliced: Value,
    /// What a reader should know beside.
    pub(crate) notes: Vec<String>,
}

/// Fetches, judges and slices; changes nothing in the workspace.
pub(crate) fn look(root: &Path, upstream: &Upstream, asked: &Asked) -> Result<Found, String> {
    let materials = gather(upstream, asked)?;
    let documents = parse(upstream, &materials, asked.accept_removals)?;
    let guides = materials.iter().filter(|one| one.kind == Kind::Guide);
    let guides = guides
        .map(|material| Page::read(root, material))
        .collect::<Result<_, _>>()?;
    if let Some(folder) = &asked.record {
        for material in &materials {
            record::record(folder, &asked.how.date(), material)?;
        }
    }
    let offer = match documents.as_slice() {
        [] => None,
        documents => Some(Offer::new(root, upstream, documents)?),
    };
    Ok(Found { offer, guides })
}

impl Offer {
    fn new(root: &Path, upstream: &Upstream, documents: &[Document]) -> Result<Self, String> {
        let source = believed(documents)?.clone();
        let merged = merge::merge(documents)?;
        let slices = &upstream.settings.slice;
        let before: Value = yaml::read(&root.join(BASE))?;
        let sliced = cut(&merged.value, &before, slices)
            .map_err(|why| format!("{}: {why}; nothing was taken", source.origin))?;
        let ours: Value = yaml::read(&root.join(DERIVED))?;
        let doubts = merged.doubts.iter().map(|doubt| {
            format!("the sources differ, and the whole document is believed:\n{doubt}")
        });
        let notes = doubts
            .chain(near::notes(&merged.value, &ours, slices))
            .chain(near::described(&merged.value, &ours, slices))
            .chain(descriptions::check(&sliced))
            .collect();
        Ok(Self {
            source,
            before,
            sliced,
            notes,
        })
    }

    /// Where it came from.
    pub(crate) fn origin(&self) -> &str {
        &self.source.origin
    }

    /// Whether it says anything that was not taken yet.
    pub(crate) fn is_new(&self) -> bool {
        merge::repaired(&self.sliced) != merge::repaired(&self.before)
    }

    /// Walks it all the way to the generated client.
    pub(crate) fn walk(&self, root: &Path) -> Result<Arrival, String> {
        road::walk(root, &render(&self.sliced)?)
            .map_err(|why| format!("{}: {why}; nothing was taken", self.source.origin))
    }

    /// What to record of it.
    fn entry(&self, date: &str) -> Result<Entry, String> {
        Ok(Entry {
            url: source::recorded(&self.source.origin).to_owned(),
            taken: Some("the operations of [slice] with what they refer to".to_owned()),
            date: date.to_owned(),
            content_sha256: self.source.sha256.clone(),
            taken_sha256: sha256(&render(&self.sliced)?),
            bytes: self.source.bytes,
            operations: Some(self.source.operations()),
        })
    }
}

/// What we take of a document, in the order of what was taken before.
fn cut(document: &Value, before: &Value, slices: &Slice) -> Result<Value, String> {
    let mut sliced = slice::slice(document, &slices.operations)?;
    near::own_tags(&mut sliced, before);
    Ok(slice::arrange(&sliced, before))
}

/// Fetches or reads every source.
fn gather(upstream: &Upstream, asked: &Asked) -> Result<Vec<Material>, String> {
    let sources = &upstream.settings.sources;
    let mut wanted: Vec<(Kind, &str)> = Vec::new();
    wanted.extend(asked.json.iter().map(|json| (Kind::Json, json.as_str())));
    wanted.extend(asked.page.iter().map(|page| (Kind::Page, page.as_str())));
    wanted.extend(asked.guide.iter().map(|page| (Kind::Guide, page.as_str())));
    if wanted.is_empty() {
        wanted.push((Kind::Json, &sources.json));
        wanted.extend(sources.pages.iter().map(|page| (Kind::Page, page.as_str())));
        wanted.push((Kind::Guide, &sources.guide));
    }
    let mut reader = asked.how.reader()?;
    wanted
        .into_iter()
        .map(|(kind, origin)| reader.read(kind, origin))
        .collect()
}

/// The documents of the sources, each of them the vendor's.
fn parse(
    upstream: &Upstream,
    materials: &[Material],
    accept_removals: bool,
) -> Result<Vec<Document>, String> {
    let last = upstream.taken("create-ai-clipping.yaml");
    materials
        .iter()
        .filter(|material| material.kind != Kind::Guide)
        .map(|material| {
            let document = Document::parse(material)?;
            identity::check(
                &document,
                &upstream.settings.identity,
                last,
                accept_removals,
            )?;
            Ok(document)
        })
        .collect()
}

/// The text of the upstream file.
fn render(sliced: &Value) -> Result<String, String> {
    let body =
        serde_saphyr::to_string(sliced).map_err(|error| format!("cannot write YAML: {error}"))?;
    Ok(format!(
        "# Taken by `cargo xtask sync`; upstream.toml says from where. Do not edit.\n{body}"
    ))
}

/// The source that is believed where several say something.
fn believed(documents: &[Document]) -> Result<&Document, String> {
    let whole = documents
        .iter()
        .find(|document| document.kind == Kind::Json);
    whole
        .or_else(|| documents.first())
        .ok_or_else(|| "there is no document to take anything from".to_owned())
}
