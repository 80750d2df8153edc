use crate::Failure;

/// Fresh random bytes from the operating system.
///
/// # Errors
/// If it has none to give.
pub fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        Failure::new("no_randomness", format!("the system gives no random bytes: {error}"))
    })?;
    Ok(bytes)
}
