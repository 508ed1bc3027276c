//! The one way in which a command fails: an exit code for scripts and an error envelope of the
//! vendor's shape for stderr. Nothing here ever holds a key or a signed link.

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use serde::Serialize;

/// What the exit code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The API refused or failed, the network broke, a file could not be written.
    Failed = 1,
    /// What was typed cannot be right.
    Usage = 2,
    /// No key, or one that is not accepted.
    Auth = 3,
    /// Not done in time.
    Timeout = 4,
    /// Stopped by a signal; what shells say of a program that Ctrl-C ended.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command did not succeed. Its JSON is the envelope.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    #[serde(skip)]
    pub(crate) exit: Exit,
    /// The server may have done it all the same.
    #[serde(skip)]
    pub(crate) is_in_doubt: bool,
    error: Box<Details>,
}

/// What the vendor's envelope has, and what the SDK knows beyond it.
#[derive(Debug, Default, Serialize)]
struct Details {
    code: String,
    message: String,
    param: Option<String>,
    doc_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl Failure {
    /// What was typed is wrong; `param` names the argument.
    pub(crate) fn usage(param: &str, message: impl Into<String>) -> Self {
        let mut failure = Self::new(Exit::Usage, "cli_usage", presentable(&message.into()));
        failure.error.param = Some(param.to_owned());
        failure
    }

    /// There is a key, but it cannot be sent.
    pub(crate) fn bad_key(message: impl Into<String>) -> Self {
        Self::new(Exit::Auth, "cli_config", message)
    }

    /// There is no key to send.
    pub(crate) fn no_key(message: impl Into<String>) -> Self {
        Self::new(Exit::Auth, "cli_no_key", message)
    }

    /// The time limit of the command has passed.
    pub(crate) fn timeout(message: impl Into<String>) -> Self {
        Self::new(Exit::Timeout, "cli_timeout", message)
    }

    /// Somebody asked the program to stop.
    pub(crate) fn interrupted(message: impl Into<String>) -> Self {
        Self::new(Exit::Interrupted, "cli_interrupted", message)
    }

    /// Something on this machine failed: a file, a folder, the emulator.
    pub(crate) fn local(code: &str, message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, code, message)
    }

    /// Says what to do about it in words of this program, where it knows more than the SDK.
    /// `jobs` is the command about the journal.
    pub(crate) fn with_hint(mut self, base_url: &str, jobs: &str) -> Self {
        let error = &mut self.error;
        let known = error.hint.take();
        error.hint = match (error.status, error.code.as_str()) {
            (Some(401), _) => {
                known.map(|hint| format!("{hint}; --api-key-file names a file with a key"))
            }
            (None, "cli_network") if known.is_none() => Some(format!(
                "is {base_url} the right server, and up? --base-url or HEYGEN_API_BASE names it"
            )),
            (None, "cli_unresolved") => Some(format!(
                "{jobs} lists what the journal has open; with --discard INTENT, it gives one up"
            )),
            // A base URL that ends like the paths of the API leads nowhere.
            (Some(404), "not_found" | "cli_http_error") if has_path(base_url) => Some(format!(
                "is {base_url} the right base URL? the program adds /v3 itself; --base-url or \
                 HEYGEN_API_BASE names it"
            )),
            // A server that knows the dialect names what it did not find.
            (Some(404), code)
                if error.operation.as_deref() == Some("create_clip_job")
                    && error.param.is_none()
                    && code != "asset_not_found" =>
            {
                Some(
                    "this server may know only the other dialect: --dialect ai-clipping".to_owned(),
                )
            }
            _ => known,
        };
        self
    }

    /// Says what to do about it.
    pub(crate) fn hinted(mut self, hint: impl Into<String>) -> Self {
        self.error.hint = Some(hint.into());
        self
    }

    /// Says what to do then, after what is said already.
    pub(crate) fn hinted_then(self, next: &str) -> Self {
        let joint = if self.error.hint.is_some() {
            "then "
        } else {
            ""
        };
        self.hinted_also(&format!("{joint}{next}"))
    }

    /// Says more, after what is said already.
    pub(crate) fn hinted_also(mut self, more: &str) -> Self {
        let hint = match self.error.hint.take() {
            Some(first) => format!("{first}; {more}"),
            None => more.to_owned(),
        };
        self.hinted(hint)
    }

    /// Says that what was typed has shown to be wrong only when there was a job already: for a script
    /// that is a job whose clips are not here, not a command that did nothing.
    pub(crate) fn after_all(mut self) -> Self {
        self.exit = Exit::Failed;
        "cli_file".clone_into(&mut self.error.code);
        self
    }

    /// Says what it is about, where the message alone would be taken to be about something else.
    pub(crate) fn about(mut self, what: &str) -> Self {
        self.error.message = format!("{what}: {}", self.error.message);
        self
    }

    /// Names the job that it is about.
    pub(crate) fn of_job(mut self, id: &str) -> Self {
        self.error.job_id.get_or_insert_with(|| id.to_owned());
        self
    }

    /// What it is called.
    pub(crate) fn code(&self) -> &str {
        &self.error.code
    }

    /// Whether what was sent is at fault, or could not be read; not the way there, nor the key.
    pub(crate) fn is_of_content(&self) -> bool {
        match self.error.status {
            Some(status) => matches!(status, 400 | 413 | 415 | 422),
            None => self.exit == Exit::Usage || self.code() == "cli_file",
        }
    }

    /// Whether the server does not have what was read of it.
    pub(crate) fn is_gone(&self) -> bool {
        let operation = self.error.operation.as_deref();
        let is_read = operation.is_some_and(|operation| operation.starts_with("get_"));
        is_read && matches!(self.error.status, Some(404 | 405 | 410))
    }

    /// Whether the job itself failed, so that there is nothing to be had of it.
    pub(crate) fn is_of_job(&self) -> bool {
        matches!(self.code(), "cli_job_failed" | "cli_job_cancelled")
    }

    /// Says what becomes of the job, where the time to wait for it is over.
    pub(crate) fn with_fate(mut self, fate: impl FnOnce(&str) -> String) -> Self {
        if let (Exit::Timeout, Some(job)) = (self.exit, &self.error.job_id) {
            self.error.hint = Some(fate(job));
        }
        self
    }

    /// The envelope as JSON, on one line or set for people.
    pub(crate) fn envelope(&self, pretty: bool) -> String {
        let json = if pretty {
            serde_json::to_string_pretty(self)
        } else {
            serde_json::to_string(self)
        };
        // Strings and numbers always encode.
        json.unwrap_or_default()
    }

    fn new(exit: Exit, code: &str, message: impl Into<String>) -> Self {
        let (code, message) = (code.to_owned(), message.into());
        Self {
            exit,
            is_in_doubt: false,
            error: Box::new(Details {
                code,
                message,
                ..Details::default()
            }),
        }
    }
}

/// What was typed, as it may be shown: without what signs a link, a user and its password, or a word that
/// is a key or secret by its beginning.
fn presentable(text: &str) -> String {
    let ends = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '`');
    let mut out = String::new();
    for piece in text.split_inclusive(ends) {
        let word = piece.trim_end_matches(ends);
        let end = &piece[word.len()..];
        let secret = ["sk_", "whsec_"].iter().find_map(|start| {
            let at = word.find(start)?;
            let begins = at == 0 || word[..at].ends_with(['=', ':', '/']);
            begins.then_some(at + start.len())
        });
        if let Some(start) = secret {
            out.extend([&word[..start], "…", end]);
            continue;
        }
        let user = word.rfind('@').filter(|at| word[..*at].contains(':'));
        if user.is_some() {
            out.push('…');
        }
        let word_after = &word[user.unwrap_or_default()..];
        let is_query = |at: &usize| word.contains("://") || word_after[*at..].contains('=');
        match word_after.find(['?', '#']).filter(is_query) {
            Some(at) => out.extend([&word_after[..=at], "…"]),
            None => out.push_str(word_after),
        }
        out.push_str(end);
    }
    out
}

/// Whether there is more in a URL than a server.
fn has_path(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| url.path() != "/")
}

impl From<clap::Error> for Failure {
    fn from(error: clap::Error) -> Self {
        if error.kind() == ErrorKind::MissingSubcommand {
            let message = "no command was given; heygen-clips --help lists them";
            return Self::new(Exit::Usage, "cli_usage", message);
        }
        let text = error.render().to_string();
        let text = text.split("\nUsage:").next().unwrap_or_default();
        let text = text
            .split("\nFor more information")
            .next()
            .unwrap_or_default();
        let text = text.replace("\n\n  tip:", "; tip:");
        // How to give something that begins with a dash helps no option.
        let text = text.split("; tip: to pass").next().unwrap_or_default();
        let words: Vec<&str> = text.split_whitespace().collect();
        let message = words.join(" ");
        let mut failure = Self::new(
            Exit::Usage,
            "cli_usage",
            presentable(message.strip_prefix("error: ").unwrap_or(&message)),
        );
        failure.error.param = match error.get(ContextKind::InvalidArg) {
            Some(ContextValue::String(argument)) => Some(presentable(argument)),
            Some(ContextValue::Strings(arguments)) => Some(presentable(&arguments.join(" "))),
            _ => None,
        };
        failure
    }
}

impl From<heygen_clips::Error> for Failure {
    fn from(error: heygen_clips::Error) -> Self {
        let refused_before_sending = error.is_invalid_request() && error.status().is_none();
        let exit = if error.is_auth() {
            Exit::Auth
        } else if error.is_timeout() {
            Exit::Timeout
        } else if refused_before_sending || error.is_config() {
            Exit::Usage
        } else {
            Exit::Failed
        };
        let details = Details {
            code: error.code().to_owned(),
            message: error.message().to_owned(),
            param: error.param().map(str::to_owned),
            doc_url: error.doc_url().map(str::to_owned),
            status: error.status(),
            operation: error.operation().map(str::to_owned),
            request_id: error.request_id().map(str::to_owned),
            retry_after_seconds: error.retry_after().map(|delay| delay.as_secs_f64()),
            job_id: error.job_id().map(str::to_owned),
            job_status: error.job_status().map(ToString::to_string),
            hint: error.hint(),
        };
        Self {
            exit,
            is_in_doubt: error.is_in_doubt(),
            error: Box::new(details),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::presentable;

    #[test]
    fn what_was_typed_is_shown_without_secrets() {
        for (typed, shown) in [
            (
                "invalid value 'htps://h/a.mp4?X-Amz-Signature=SIG' for '<SOURCE>': only http",
                "invalid value 'htps://h/a.mp4?…' for '<SOURCE>': only http",
            ),
            ("'ftp://u:PW@h/x'", "'…@h/x'"),
            ("'u:PW@h'", "'…@h'"),
            ("u:p?w@h", "…@h"),
            (
                "https://h/a#token https://h/a?TOKEN",
                "https://h/a#… https://h/a?…",
            ),
            ("KEY=sk_X", "KEY=sk_…"),
            (
                "unexpected argument 'sk_KEY' found",
                "unexpected argument 'sk_…' found",
            ),
            ("cannot read whsec_KEY: no", "cannot read whsec_… no"),
            ("which one? name it", "which one? name it"),
            ("talks/a@b.mp4: no such file", "talks/a@b.mp4: no such file"),
        ] {
            assert_eq!(presentable(typed), shown);
        }
    }
}
