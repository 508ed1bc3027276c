//! A file that is not whole yet: hidden beside its place, renamed to it when it is.
//!
//! `.NAME.part` has the bytes, `.NAME.part.json` says of which file and how many of them are surely
//! on disk, so that another run can go on there. No link is in it. Whoever writes holds a lock on
//! the former; another that wants the same file at the same time writes a private one instead, and
//! both arrive whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hmac_sha256::Hash;
use serde::{Deserialize, Serialize};

use super::fetch::Known;
use crate::platform::{blocking, is_at, sync_folder};

/// Bytes between two points at which an interrupted file can be taken up again.
const CHECKPOINT: u64 = 4 << 20;

/// Bytes that are gathered before they are written.
const GATHERED: usize = 256 << 10;

/// Extension of a note that is being written.
const NEW: &str = "new";

/// A file that is being written.
pub(super) struct Part {
    target: PathBuf,
    place: Place,
    file: Arc<File>,
    hash: Hash,
    /// The last bytes of `written`, which are not in the file yet.
    gathered: Vec<u8>,
    written: u64,
    note: Note,
    is_done: bool,
}

enum Place {
    /// Under the name that another run will look for.
    Known { path: PathBuf, note: PathBuf },
    /// Under a name that no other run knows.
    Private(PathBuf),
}

/// Which file it is; what stands in the JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    pub(super) job_id: String,
    pub(super) clip_id: String,
    /// ETag or date.
    pub(super) version: Option<String>,
    /// Bytes that it will have.
    pub(super) length: Option<u64>,
    /// Bytes that are surely on disk.
    pub(super) kept: u64,
}

/// What a file turned out to be.
pub(super) struct Written {
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

impl Part {
    /// Begins the file at `target`, or goes on with what an earlier run left of it.
    pub(super) async fn open(target: &Path, job_id: &str, clip_id: &str) -> io::Result<Self> {
        let note = Note {
            job_id: job_id.to_owned(),
            clip_id: clip_id.to_owned(),
            version: None,
            length: None,
            kept: 0,
        };
        let target = target.to_owned();
        blocking(move || Self::open_now(target, note)).await
    }

    fn open_now(target: PathBuf, mut note: Note) -> io::Result<Self> {
        let (place, mut file) = match claim(&hidden(&target, ".part"))? {
            Some(file) => {
                let path = hidden(&target, ".part");
                let beside = hidden(&target, ".part.json");
                if let Some(left) = read_note(&beside)
                    && (&left.job_id, &left.clip_id) == (&note.job_id, &note.clip_id)
                    && left.version.is_some()
                    && left.kept <= file.metadata()?.len()
                {
                    note = left;
                } else {
                    forget(&beside);
                }
                let note = beside;
                (Place::Known { path, note }, file)
            }
            None => {
                let (path, file) = private(&target)?;
                (Place::Private(path), file)
            }
        };
        cut(&file, note.kept)?;
        let mut hash = Hash::new();
        copy_into(&mut file, note.kept, &mut hash)?;
        Ok(Self {
            target,
            place,
            file: Arc::new(file),
            hash,
            gathered: Vec::new(),
            written: note.kept,
            note,
            is_done: false,
        })
    }

    /// What is there already.
    pub(super) fn known(&self) -> Known {
        Known {
            offset: self.written,
            total: self.note.length,
            version: self.note.version.clone(),
        }
    }

    /// Adds bytes of the file that `known` describes.
    pub(super) async fn write(&mut self, bytes: &[u8], known: &Known) -> io::Result<()> {
        self.gathered.extend_from_slice(bytes);
        self.hash.update(bytes);
        self.written += bytes.len() as u64;
        self.note.version.clone_from(&known.version);
        self.note.length = known.total;
        if self.written - self.note.kept >= CHECKPOINT {
            self.checkpoint().await?;
        }
        // A private file has no points to go on from, and neither has one without a version.
        if self.gathered.len() >= GATHERED {
            self.flush(|_| Ok(())).await?;
        }
        Ok(())
    }

    /// Writes what is gathered, and does with the file what comes `then`.
    async fn flush(
        &mut self,
        then: impl FnOnce(&File) -> io::Result<()> + Send + 'static,
    ) -> io::Result<()> {
        let file = Arc::clone(&self.file);
        let bytes = std::mem::take(&mut self.gathered);
        blocking(move || {
            (&*file).write_all(&bytes)?;
            then(&file)
        })
        .await
    }

    /// Forgets all bytes.
    pub(super) async fn restart(&mut self) -> io::Result<()> {
        self.forget();
        self.gathered.clear();
        self.flush(|mut file| file.rewind().and_then(|()| file.set_len(0)))
            .await?;
        self.hash = Hash::new();
        self.written = 0;
        Ok(())
    }

    /// Puts the whole file into its place, if `allowed` does it. The rename must not reach the disk
    /// before the bytes.
    pub(super) async fn finish(
        mut self,
        allowed: impl FnOnce(&dyn Fn() -> io::Result<()>) -> io::Result<()> + Send + 'static,
    ) -> io::Result<Written> {
        self.flush(File::sync_all).await?;
        blocking(move || self.finish_now(allowed)).await
    }

    fn finish_now(
        mut self,
        allowed: impl FnOnce(&dyn Fn() -> io::Result<()>) -> io::Result<()>,
    ) -> io::Result<Written> {
        let target = self.target.clone();
        allowed(&|| fs::rename(self.place.path(), &target))?;
        self.is_done = true;
        self.forget();
        sync_folder(folder_of(&target));
        Ok(Written {
            bytes: self.written,
            sha256: hex::encode(std::mem::take(&mut self.hash).finalize()),
        })
    }

    /// Leaves what is there to a later run, if such a run could go on with it.
    pub(super) async fn leave(mut self) {
        // What cannot be kept is fetched again.
        let _ = self.checkpoint().await;
    }

    /// Makes sure that what is written so far outlives this run.
    async fn checkpoint(&mut self) -> io::Result<()> {
        let Place::Known { note: path, .. } = &self.place else {
            return Ok(());
        };
        if self.note.version.is_none() {
            return Ok(());
        }
        let path = path.clone();
        self.flush(File::sync_data).await?;
        let note = Note {
            kept: self.written,
            ..self.note.clone()
        };
        let text = serde_json::to_vec(&note)?;
        // With the file goes its lock, which has to outlast this.
        let file = Arc::clone(&self.file);
        blocking(move || {
            let _locked = file;
            replace(&path, &text)
        })
        .await?;
        self.note = note;
        Ok(())
    }

    /// Nothing is kept for a later run.
    fn forget(&mut self) {
        self.note.kept = 0;
        if let Place::Known { note, .. } = &self.place {
            forget(note);
        }
    }
}

impl Place {
    fn path(&self) -> &Path {
        match self {
            Self::Known { path, .. } | Self::Private(path) => path,
        }
    }
}

/// Leaves nothing that no later run can use.
impl Drop for Part {
    fn drop(&mut self) {
        if !self.is_done && self.note.kept == 0 {
            let _ = fs::remove_file(self.place.path());
        }
    }
}

/// Opens a file for this run alone; `None` while another has it.
fn claim(path: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(false);
    let file = options.open(path)?;
    // The lock is only worth something if the name still leads to what was locked.
    let is_ours = file.try_lock().is_ok() && is_at(&file, path);
    Ok(is_ours.then_some(file))
}

/// Opens a file for this run alone, after the others that have it. Not for long work.
fn claim_in_turn(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(false);
    loop {
        let file = options.open(path)?;
        match file.lock() {
            // Nobody else can lock there either: the rename alone has to do.
            Err(error) if error.kind() == io::ErrorKind::Unsupported => return Ok(file),
            locked => locked?,
        }
        if is_at(&file, path) {
            return Ok(file);
        }
    }
}

/// Replaces a file as a whole by what `change` makes of the present one, one run after the other; takes
/// it away where that is nothing.
pub(super) fn update(
    path: &Path,
    change: impl FnOnce(Option<&[u8]>) -> io::Result<Option<Vec<u8>>>,
) -> io::Result<()> {
    let beside = hidden(path, ".part");
    let mut file = claim_in_turn(&beside)?;
    let present = match fs::read(path) {
        Ok(present) => Some(present),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let written = change(present.as_deref()).and_then(|text| {
        if text == present {
            return fs::remove_file(&beside);
        }
        let Some(text) = text else {
            return fs::remove_file(path).and_then(|()| fs::remove_file(&beside));
        };
        cut(&file, 0)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    });
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    if written.is_ok() {
        sync_folder(folder_of(path));
    }
    written
}

/// As [`update`], by whoever has the lock of what the file is about.
fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let new = path.with_extension(NEW);
    fs::write(&new, text)?;
    fs::rename(new, path)
}

/// A new hidden file beside the target. Not by `tempfile`, whose three packages would be there for this alone.
fn private(target: &Path) -> io::Result<(PathBuf, File)> {
    loop {
        let path = folder_of(target).join(format!(".clip-{:016x}.part", fastrand::u64(..)));
        match File::create_new(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            created => return created.map(|file| (path, file)),
        }
    }
}

/// `folder/.NAME` and an ending.
fn hidden(target: &Path, ending: &str) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(ending);
    target.with_file_name(name)
}

fn folder_of(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Takes a note away. If it stays, it speaks of more bytes than there are, or of another file.
fn forget(note: &Path) {
    let _ = fs::remove_file(note);
    let _ = fs::remove_file(note.with_extension(NEW));
}

fn read_note(path: &Path) -> Option<Note> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Cuts a file to this length, unless it has it.
fn cut(file: &File, length: u64) -> io::Result<()> {
    if file.metadata()?.len() == length {
        return Ok(());
    }
    file.set_len(length)
}

/// Reads the first bytes of a file; writing then goes on behind them.
fn copy_into(file: &mut File, length: u64, hash: &mut Hash) -> io::Result<()> {
    let mut rest = length;
    let mut buffer = vec![0; 1 << 16];
    while rest > 0 {
        let size = usize::try_from(rest).map_or(buffer.len(), |rest| rest.min(buffer.len()));
        file.read_exact(&mut buffer[..size])?;
        hash.update(&buffer[..size]);
        rest -= size as u64;
    }
    Ok(())
}
