//! The error of handlers: public text for the caller and internal text for the log are kept apart.

use std::fmt;

/// The result of a handler and of most functions here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a handler could not answer as asked.
///
/// Every `std::error::Error` becomes one by `?`: its message and causes are logged, the caller sees a 500 without
/// them. One with a status and a public message ([`Error::new`]) is the answer itself.
///
/// Like `anyhow::Error` it does not implement `std::error::Error`, so that `?` can take all that do.
pub struct Error {
    public: Option<Public>,
    message: String,
    causes: Vec<String>,
}

struct Public {
    status: u16,
    message: String,
}

impl Error {
    /// An error the caller sees: `status` (400 to 599) with `message` as a plain text body.
    #[must_use]
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { public: Some(Public { status, message: message.clone() }), message, causes: Vec::new() }
    }

    /// An error the caller does not see: the message is logged, the answer is a 500.
    #[must_use]
    pub fn internal(message: impl Into<String>) -> Self {
        Self { public: None, message: message.into(), causes: Vec::new() }
    }

    /// Status of the answer; 500 for an internal error.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.public.as_ref().map_or(500, |public| public.status)
    }

    /// What the caller sees, if anything.
    #[must_use]
    pub fn public_message(&self) -> Option<&str> {
        self.public.as_ref().map(|public| public.message.as_str())
    }

    /// What led to this error, outermost first; logged, never shown to the caller.
    #[must_use]
    pub fn causes(&self) -> &[String] {
        &self.causes
    }

    /// Puts `message` before this error in the log; what the caller sees stays.
    #[must_use]
    pub fn context(mut self, message: impl Into<String>) -> Self {
        let cause = std::mem::replace(&mut self.message, message.into());
        self.causes.insert(0, cause);
        self
    }

    /// Shows `status` and `message` to the caller; this error goes to the log.
    #[must_use]
    pub fn or_status(self, status: u16, message: impl Into<String>) -> Self {
        let message = message.into();
        let mut error = self.context(message.clone());
        error.public = Some(Public { status, message });
        error
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        let causes = std::iter::successors(error.source(), |cause| cause.source()).map(ToString::to_string).collect();
        Self { public: None, message: error.to_string(), causes }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// The message with its causes, as a failing test shows it.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (status {})", self.message, self.status())?;
        self.causes.iter().try_for_each(|cause| write!(f, "\n  caused by: {cause}"))
    }
}

/// Says more about an error, or makes one of a missing value.
///
/// ```
/// use hearth_sdk::{Context, Error};
///
/// fn limit(text: Option<&str>) -> hearth_sdk::Result<u32> {
///     let text = text.context("the setting LIMIT is not there")?;
///     text.parse().or_status(400, "The limit is not a number.")
/// }
///
/// assert_eq!(limit(Some("7"))?, 7);
/// assert_eq!(limit(Some("x")).unwrap_err().status(), 400);
/// assert_eq!(limit(None).unwrap_err().status(), 500);
/// # Ok::<(), Error>(())
/// ```
pub trait Context<T> {
    /// Puts `message` before the error in the log.
    ///
    /// # Errors
    /// The error with its message, or an internal error with it where the value was missing.
    fn context(self, message: impl Into<String>) -> Result<T>;

    /// Shows `status` and `message` to the caller; the error itself goes to the log.
    ///
    /// # Errors
    /// A public error.
    fn or_status(self, status: u16, message: impl Into<String>) -> Result<T>;
}

impl<T, E: Into<Error>> Context<T> for std::result::Result<T, E> {
    fn context(self, message: impl Into<String>) -> Result<T> {
        self.map_err(|error| error.into().context(message))
    }

    fn or_status(self, status: u16, message: impl Into<String>) -> Result<T> {
        self.map_err(|error| error.into().or_status(status, message))
    }
}

impl<T> Context<T> for Option<T> {
    fn context(self, message: impl Into<String>) -> Result<T> {
        self.ok_or_else(|| Error::internal(message))
    }

    fn or_status(self, status: u16, message: impl Into<String>) -> Result<T> {
        self.ok_or_else(|| Error::new(status, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Outer(std::num::ParseIntError);

    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the count is unreadable")
        }
    }

    impl std::error::Error for Outer {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }

    fn failing() -> Result<u32> {
        Ok("x".parse().map_err(Outer)?)
    }

    #[test]
    fn any_error_is_internal_and_keeps_its_causes() {
        let error = failing().unwrap_err();
        assert_eq!((error.status(), error.public_message()), (500, None));
        assert_eq!(error.to_string(), "the count is unreadable");
        assert_eq!(error.causes(), ["invalid digit found in string"]);
    }

    #[test]
    fn context_comes_first_in_the_log() {
        let error = failing().context("reading the order").unwrap_err();
        assert_eq!(error.to_string(), "reading the order");
        assert_eq!(error.causes(), ["the count is unreadable", "invalid digit found in string"]);
        assert_eq!(error.public_message(), None);
    }

    #[test]
    fn a_status_makes_the_message_public_and_context_keeps_it() {
        let error = failing().or_status(422, "No.").context("while testing").unwrap_err();
        assert_eq!((error.status(), error.public_message()), (422, Some("No.")));
        assert_eq!(error.causes(), ["No.", "the count is unreadable", "invalid digit found in string"]);
    }
}
