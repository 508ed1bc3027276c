//! `cargo xtask sync`: brings the vendor's document in.
//!
//! Everything is fetched, judged and tried beside the workspace; only a document that passes all the way to the generated
//! client replaces the old one, in one step. Whatever goes wrong before that leaves the workspace as it was.

mod client;
mod identity;
mod lines;
mod merge;
mod near;
mod page;
mod record;
mod road;
mod settings;
mod slice;
mod source;
mod swap;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::documents::{BASE, DERIVED};
use crate::yaml;
use client::Patience;
use settings::{Entry, FILE, Upstream};
use source::{Document, Kind, Material, Reader, sha256};

pub(crate) use swap::recover;

/// What to take, and from where. Without any source, all those of upstream.toml are asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The whole document: a URL, or a file in JSON or YAML
    #[arg(long, value_name = "URL|FILE")]
    json: Option<String>,
    /// A reference page in Markdown; may be given several times
    #[arg(long, value_name = "URL|FILE")]
    page: Vec<String>,
    /// Take a document that has fewer operations than before
    #[arg(long)]
    accept_removals: bool,
    /// Compile the SDK and the program with the new client before anything is put in place
    #[arg(long)]
    compile: bool,
    /// Keep what was fetched in this folder
    #[arg(long, value_name = "DIR")]
    record: Option<PathBuf>,
    #[command(flatten)]
    how: How,
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
        let today = || {
            jiff::Timestamp::now()
                .to_zoned(jiff::tz::TimeZone::UTC)
                .date()
        };
        self.date.unwrap_or_else(today).to_string()
    }
}

/// Brings the vendor's document in.
pub(crate) fn run(root: &Path, options: &Options) -> Result<(), String> {
    let _lock = swap::lock(root)?.ok_or("another sync is at work in this workspace")?;
    let mut upstream = Upstream::read(root)?;
    let materials = gather(&upstream, options)?;
    let documents = parse(&upstream, &materials, options.accept_removals)?;
    let date = options.how.date();
    if let Some(folder) = &options.record {
        for material in &materials {
            record::record(folder, &date, material)?;
        }
    }
    let merged = merge::merge(&documents)?;
    for doubt in &merged.doubts {
        println!("note: the sources differ, and the whole document is believed:\n{doubt}");
    }

    let slices = &upstream.settings.slice;
    let before: Value = yaml::read(&root.join(BASE))?;
    let source = believed(&documents)?;
    let refuse = |why| format!("{}: {why}; nothing was taken", source.origin);
    let mut sliced = slice::slice(&merged.value, &slices.operations).map_err(refuse)?;
    near::own_tags(&mut sliced, &before);
    let sliced = slice::arrange(&sliced, &before);
    let ours: Value = yaml::read(&root.join(DERIVED))?;
    for note in near::notes(&merged.value, &ours, slices)
        .into_iter()
        .chain(near::described(&merged.value, &ours, slices))
    {
        println!("note: {note}");
    }
    if merge::repaired(&sliced) == merge::repaired(&before) {
        println!("nothing changed in what we take");
        return Ok(());
    }
    let text = render(&sliced)?;
    let arrival = road::walk(root, &text).map_err(refuse)?;
    for pointer in &arrival.repeated {
        println!(
            "note: the vendor's document now has {pointer}, which an overlay adds too; retire what repeats it"
        );
    }
    let mut files = arrival.files;
    upstream.set("create-ai-clipping.yaml", &entry(source, &text, &date))?;
    files.push((PathBuf::from(FILE), upstream.text().to_owned()));
    if options.compile {
        road::compile(root, &files)?;
    }
    swap::replace(root, &files)?;
    for (path, _) in &files {
        println!("wrote {}", path.display());
    }
    println!(
        "next: `cargo xtask drift`, `INSTA_UPDATE=always cargo test`, and read the difference"
    );
    Ok(())
}

/// Fetches or reads every source.
fn gather(upstream: &Upstream, options: &Options) -> Result<Vec<Material>, String> {
    let sources = &upstream.settings.sources;
    let mut wanted: Vec<(Kind, &str)> = Vec::new();
    wanted.extend(options.json.iter().map(|json| (Kind::Json, json.as_str())));
    wanted.extend(options.page.iter().map(|page| (Kind::Page, page.as_str())));
    if wanted.is_empty() {
        wanted.push((Kind::Json, &sources.json));
        wanted.extend(sources.pages.iter().map(|page| (Kind::Page, page.as_str())));
    }
    let mut reader = options.how.reader()?;
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

/// What to record of it.
fn entry(source: &Document, text: &str, date: &str) -> Entry {
    Entry {
        url: source.origin.clone(),
        taken: Some("the operations of [slice] with what they refer to".to_owned()),
        date: date.to_owned(),
        content_sha256: source.sha256.clone(),
        taken_sha256: sha256(text),
        bytes: source.bytes,
        operations: Some(source.operations()),
    }
}
