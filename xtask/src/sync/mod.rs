//! `cargo xtask sync`: brings the vendor's document in.
//!
//! Everything is fetched, judged and tried beside the workspace; only a document that passes all the way to the generated
//! client replaces the old one, in one step. Whatever goes wrong before that leaves the workspace as it was.

mod client;
mod descriptions;
mod guide;
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

use crate::documents::{self, BASE, DERIVED};
use crate::yaml;
use client::Patience;
use settings::{Entry, FILE, Slice, Upstream};
use source::{Document, Kind, Material, Reader, sha256};

pub(crate) use swap::recover;

/// The dialect that has no document of the vendor's.
const CLIPS: &str = "openapi/clips.yaml";

/// What to take, and from where. Without any source, all those of upstream.toml are asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
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

/// Exit code when the guide page and `clips.yaml` differ, as of a report that says so.
const DRIFT: u8 = 4;

/// Brings the vendor's document in.
pub(crate) fn run(root: &Path, options: &Options) -> Result<ExitCode, String> {
    let _lock = swap::lock(root)?.ok_or("another sync is at work in this workspace")?;
    let mut upstream = Upstream::read(root)?;
    let materials = gather(&upstream, options)?;
    let documents = parse(&upstream, &materials, options.accept_removals)?;
    let guides = materials.iter().filter(|one| one.kind == Kind::Guide);
    let pages: Vec<Page> = guides
        .map(|material| Page::read(root, material))
        .collect::<Result<_, _>>()?;
    let date = options.how.date();
    if let Some(folder) = &options.record {
        for material in &materials {
            record::record(folder, &date, material)?;
        }
    }
    let mut files = if documents.is_empty() {
        Vec::new()
    } else {
        take(root, &mut upstream, &documents, &date)?
    };
    for page in &pages {
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
        println!(
            "next: `cargo xtask drift`, `INSTA_UPDATE=always cargo test`, and read the difference"
        );
    }
    let drifted = pages.iter().any(|page| !page.differences.is_empty());
    Ok(ExitCode::from(if drifted { DRIFT } else { 0 }))
}

/// What changes when the documents are taken: every file below the root, and the entry in the manifest.
fn take(
    root: &Path,
    upstream: &mut Upstream,
    documents: &[Document],
    date: &str,
) -> Result<Vec<(PathBuf, String)>, String> {
    let source = believed(documents)?;
    let refuse = |why| format!("{}: {why}; nothing was taken", source.origin);
    let merged = merge::merge(documents)?;
    for doubt in &merged.doubts {
        println!("note: the sources differ, and the whole document is believed:\n{doubt}");
    }
    let slices = &upstream.settings.slice;
    let before: Value = yaml::read(&root.join(BASE))?;
    let sliced = cut(&merged.value, &before, slices).map_err(refuse)?;
    let ours: Value = yaml::read(&root.join(DERIVED))?;
    for note in near::notes(&merged.value, &ours, slices)
        .into_iter()
        .chain(near::described(&merged.value, &ours, slices))
        .chain(descriptions::check(&sliced))
    {
        println!("note: {note}");
    }
    if merge::repaired(&sliced) == merge::repaired(&before) {
        println!("nothing changed in what we take");
        return Ok(Vec::new());
    }
    let text = render(&sliced)?;
    let arrival = road::walk(root, &text).map_err(refuse)?;
    for pointer in &arrival.repeated {
        println!(
            "note: the vendor's document now has {pointer}, which an overlay adds too; retire what repeats it"
        );
    }
    upstream.set("create-ai-clipping.yaml", &entry(source, &text, date))?;
    Ok(arrival.files)
}

/// What we take of a document, in the order of what was taken before.
fn cut(document: &Value, before: &Value, slices: &Slice) -> Result<Value, String> {
    let mut sliced = slice::slice(document, &slices.operations)?;
    near::own_tags(&mut sliced, before);
    Ok(slice::arrange(&sliced, before))
}

/// The guide page, held against what we made of it.
struct Page {
    origin: String,
    content_sha256: String,
    bytes: usize,
    differences: Vec<String>,
}

impl Page {
    fn read(root: &Path, material: &Material) -> Result<Self, String> {
        let clips: Value = yaml::read(&root.join(CLIPS))?;
        let guide = guide::read(&material.text);
        let ours = |name: &String| source::operations(&clips).any(|(known, _)| known == *name);
        if !guide.operations.iter().any(|(name, _)| ours(name)) {
            return Err(format!(
                "{} is not the guide: it describes no operation of clips.yaml; nothing was taken",
                material.origin
            ));
        }
        let content = page::without_banner(&material.text);
        Ok(Self {
            origin: material.origin.clone(),
            content_sha256: sha256(&content),
            bytes: content.len(),
            differences: guide::compare(&guide, &clips),
        })
    }

    fn report(&self) {
        if self.differences.is_empty() {
            println!("{} says what clips.yaml says", self.origin);
            return;
        }
        println!(
            "{} and clips.yaml differ; look at each, then change clips.yaml and upstream/clips-guide.yaml by hand:",
            self.origin
        );
        for difference in &self.differences {
            println!("- {difference}");
        }
    }

    /// Records a page that says what we say, if its words are new.
    fn note(&self, root: &Path, upstream: &mut Upstream, date: &str) -> Result<(), String> {
        const FILE: &str = "clips-guide.yaml";
        let known = upstream
            .taken(FILE)
            .and_then(|last| last.content_sha256.as_ref());
        if !self.differences.is_empty() || known == Some(&self.content_sha256) {
            return Ok(());
        }
        let rows = documents::text(&root.join("openapi/upstream").join(FILE))?;
        let entry = Entry {
            url: self.origin.clone(),
            taken: None,
            date: date.to_owned(),
            content_sha256: self.content_sha256.clone(),
            taken_sha256: sha256(&rows),
            bytes: self.bytes,
            operations: None,
        };
        upstream.set(FILE, &entry)
    }
}

/// Fetches or reads every source.
fn gather(upstream: &Upstream, options: &Options) -> Result<Vec<Material>, String> {
    let sources = &upstream.settings.sources;
    let mut wanted: Vec<(Kind, &str)> = Vec::new();
    wanted.extend(options.json.iter().map(|json| (Kind::Json, json.as_str())));
    wanted.extend(options.page.iter().map(|page| (Kind::Page, page.as_str())));
    wanted.extend(
        options
            .guide
            .iter()
            .map(|page| (Kind::Guide, page.as_str())),
    );
    if wanted.is_empty() {
        wanted.push((Kind::Json, &sources.json));
        wanted.extend(sources.pages.iter().map(|page| (Kind::Page, page.as_str())));
        wanted.push((Kind::Guide, &sources.guide));
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
