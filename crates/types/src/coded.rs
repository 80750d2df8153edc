/// An error with a code that stays the same from version to version, so that a
/// till can branch on it while the message is free to become clearer.
pub trait Coded: std::error::Error {
    /// The stable code, in `snake_case`.
    fn code(&self) -> &'static str;
}
