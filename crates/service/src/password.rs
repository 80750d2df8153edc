//! Passwords of staff, which nobody stores: only what one can be checked against.

use std::fmt;

use argon2::{
    Argon2, PasswordHash, PasswordVerifier,
    password_hash::{PasswordHasher, SaltString},
};
use data_encoding::Encoding;

/// A password as somebody typed it, or one that was made up. Says nothing when it is printed for debugging.
pub struct Password(String);

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefused {
    /// Too short to withstand somebody who has the database, or longer than anybody types.
    #[error("a password has 10 to 128 characters")]
    Length,
    /// It says who it is for.
    #[error("a password does not contain the name of the account")]
    Name,
    /// The system has no random bytes.
    #[error("the system gives no random bytes")]
    Random,
}

/// A shorter name stands in many a password by chance.
const NAME_BYTES_SHOWN: usize = 4;

/// Nobody guesses one of 70 bits that was made up here.
const MADE_UP_BYTES: usize = 9;

impl Password {
    /// One that somebody has typed.
    pub fn typed(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// One that is made up, to be told once.
    ///
    /// # Errors
    /// [`PasswordRefused::Random`].
    pub fn made_up() -> Result<Self, PasswordRefused> {
        let mut bytes = [0; MADE_UP_BYTES];
        getrandom::fill(&mut bytes).map_err(|_| PasswordRefused::Random)?;
        let letters = letters().encode(&bytes);
        let groups: Vec<&str> = (0..letters.len())
            .step_by(5)
            .filter_map(|at| letters.get(at..(at + 5).min(letters.len())))
            .collect();
        Ok(Self(groups.join("-")))
    }

    /// The text, to be told to its owner.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// What it can be checked against, for the account of that name: argon2id with the parameters of OWASP's
    /// cheat sheet (19 MiB, two passes), 16 random bytes of salt.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn verifier(&self, name: &str) -> Result<String, PasswordRefused> {
        if !(10..=128).contains(&self.0.chars().count()) {
            return Err(PasswordRefused::Length);
        }
        if name.len() >= NAME_BYTES_SHOWN && self.0.to_lowercase().contains(&name.to_lowercase()) {
            return Err(PasswordRefused::Name);
        }
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|_| PasswordRefused::Random)?;
        let salt = SaltString::encode_b64(&salt).map_err(|_| PasswordRefused::Random)?;
        let hash = Argon2::default().hash_password(self.0.as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(|_| PasswordRefused::Length)
    }

    /// Whether a verifier is of this password. Takes as long without one, so that nobody learns which accounts
    /// there are.
    pub fn is_right(&self, verifier: Option<&str>) -> bool {
        let against = verifier.unwrap_or(NOBODYS);
        let is_right = PasswordHash::new(against)
            .is_ok_and(|hash| Argon2::default().verify_password(self.0.as_bytes(), &hash).is_ok());
        is_right && verifier.is_some()
    }
}

/// A verifier of a password that nobody knows.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$cHVyc2VyLW5vYm9keS0x$0nqkHhNN4TZ8vdKXcQ3gPZ5IbyqbTvZyc6m4f0gP9lI";

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// Without letters that look like others.
fn letters() -> Encoding {
    let mut specification = data_encoding::Specification::new();
    specification.symbols.push_str("abcdefghijkmnpqrstuvwxyz23456789");
    match specification.encoding() {
        Ok(encoding) => encoding,
        Err(error) => unreachable!("32 different symbols: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_right_against_its_own_verifier_only() {
        let password = Password::made_up().unwrap();
        assert!(password.text().len() >= 15 && !format!("{password:?}").contains(password.text()));
        let verifier = password.verifier("li").unwrap();
        assert!(
            verifier.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && !verifier.contains(password.text())
        );
        assert!(Password::typed(password.text()).is_right(Some(&verifier)));
        assert!(!Password::typed("another password").is_right(Some(&verifier)));
        assert!(!password.is_right(None) && !password.is_right(Some("$argon2id$")));
        assert_ne!(password.verifier("li").unwrap(), verifier, "every verifier has its own salt");
        assert!(PasswordHash::new(NOBODYS).is_ok(), "it has to take as long");
    }

    #[test]
    fn short_passwords_and_names_are_not_taken() {
        assert_eq!(Password::typed("short").verifier("li"), Err(PasswordRefused::Length));
        assert_eq!(Password::typed("x".repeat(129)).verifier("li"), Err(PasswordRefused::Length));
        assert_eq!(Password::typed("hello-Wu.Mei-1").verifier("wu.mei"), Err(PasswordRefused::Name));
        assert!(Password::typed("密码密码密码密码密码").verifier("li").is_ok());
    }
}
