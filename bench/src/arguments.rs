//! Options of the programs: `--name value`.

use std::path::PathBuf;
use std::str::FromStr;

/// The words behind the program's name.
#[derive(Debug)]
pub struct Arguments(Vec<String>);

impl Arguments {
    /// Those that the program was started with.
    #[must_use]
    pub fn of_program() -> Self {
        Self(std::env::args().skip(1).collect())
    }

    /// The first word.
    #[must_use]
    pub fn program(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }

    /// The word behind `name`.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        let at = self.0.iter().position(|word| word == name)?;
        self.0.get(at + 1).map(String::as_str)
    }

    /// The word behind `name` as a path.
    ///
    /// # Errors
    /// Where there is none.
    pub fn path(&self, name: &str) -> Result<PathBuf, std::io::Error> {
        self.text(name).map(PathBuf::from).ok_or_else(|| std::io::Error::other(format!("{name} PATH is missing")))
    }

    /// The word behind `name` as a number, or `default` where there is none.
    ///
    /// # Errors
    /// Where the word is no such number.
    pub fn number<N: FromStr>(&self, name: &str, default: N) -> Result<N, std::io::Error> {
        let Some(text) = self.text(name) else { return Ok(default) };
        text.parse().map_err(|_| std::io::Error::other(format!("{name} {text}: not a number that fits")))
    }
}
