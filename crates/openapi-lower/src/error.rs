//! The one error of this crate.

/// Why a document could not be lowered.
///
/// Most defects of a document cost a [`Loss`](crate::Loss), not the whole document: an error means
/// that there is nothing to lower, or that the selection names something that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pointer: String,
    message: String,
}

impl Error {
    pub(crate) fn new(pointer: &str, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.to_owned(),
            message: message.into(),
        }
    }

    /// JSON pointer to the offending place in the document; empty for the document itself.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.pointer
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{}: {}", self.pointer, self.message)
    }
}

impl std::error::Error for Error {}
