//! Credentials that are nearly right: a server that lets one of them in does not read them whole.

use secrecy::{ExposeSecret, SecretString};

use super::Auth;

/// What is shorter is no secret, and a part of it stands in other texts by chance.
const SHORTEST: usize = 12;
/// How many characters are cut off or added. Four of Base64 are whole bytes, so that what is left
/// reads well and means something else.
const FEW: usize = 4;
/// What is added.
const ADDED: &str = "scim";

/// How a credential differs from the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nearly {
    /// A character of its last third is another one.
    Altered,
    /// Its last characters are missing.
    Cut,
    /// It has some more characters at its end.
    Lengthened,
    /// Its letters are written in the other case.
    OtherCase,
    /// The secret is right, and the name of the scheme is written in small letters.
    SmallLetters,
}

impl Nearly {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Altered,
        Self::Cut,
        Self::Lengthened,
        Self::OtherCase,
        Self::SmallLetters,
    ];

    /// What is shown beside the placeholder for the secret.
    pub(super) fn shown(self) -> &'static str {
        match self {
            Self::Altered => " (altered)",
            Self::Cut => " (cut)",
            Self::Lengthened => " (lengthened)",
            Self::OtherCase => " (in the other case)",
            Self::SmallLetters => " (scheme in small letters)",
        }
    }

    /// The secret with this difference, where it has one that no reading can undo. Padding stays
    /// at its end, as a reader of Base64 may stop there.
    fn of(self, secret: &str) -> Option<String> {
        let bare = secret.trim_end_matches('=');
        let padding = &secret[bare.len()..];
        let mut signs: Vec<char> = bare.chars().collect();
        if signs.len() < SHORTEST {
            return None;
        }
        match self {
            Self::Altered => alter(&mut signs)?,
            Self::Cut => signs.truncate(signs.len() - FEW),
            Self::Lengthened => signs.extend(ADDED.chars()),
            Self::OtherCase => turn(&mut signs)?,
            Self::SmallLetters => return None,
        }
        Some(String::from_iter(signs) + padding)
    }
}

/// Makes a letter or digit of the last third the next one. The last character of a part in Base64
/// may hold bits that nobody reads, so another letter or digit has to follow.
fn alter(signs: &mut [char]) -> Option<()> {
    let middle = signs.len() * 5 / 6;
    let plain = |at: usize| signs.get(at).is_some_and(char::is_ascii_alphanumeric);
    let at = (0..=middle).rev().find(|at| plain(*at) && plain(at + 1))?;
    let next = match signs[at] {
        'z' => 'a',
        'Z' => 'A',
        '9' => '0',
        other => char::from_u32(u32::from(other) + 1)?,
    };
    signs[at] = next;
    Some(())
}

/// Makes small letters of capitals and the other way round. A secret in one case alone may be written
/// in either, as hexadecimal digits and Base32 are.
fn turn(signs: &mut [char]) -> Option<()> {
    let mixed = [char::is_ascii_lowercase, char::is_ascii_uppercase]
        .iter()
        .all(|is_of_case| signs.iter().any(is_of_case));
    for sign in signs.iter_mut() {
        *sign = match sign.is_ascii_lowercase() {
            true => sign.to_ascii_uppercase(),
            false => sign.to_ascii_lowercase(),
        };
    }
    mixed.then_some(())
}

impl Auth {
    /// This credential, nearly right; none where nobody could tell that it is not.
    pub fn nearly(&self, how: Nearly) -> Option<Self> {
        if how == Nearly::SmallLetters {
            return self.in_small_letters();
        }
        let of = |secret: &SecretString| how.of(secret.expose_secret()).map(SecretString::from);
        Some(match self {
            Self::None => return None,
            Self::Bearer(token) => Self::Bearer(of(token)?),
            Self::Basic { user, password } => Self::Basic {
                user: user.clone(),
                password: of(password)?,
            },
            Self::Header(value) => {
                let (scheme, secret) = in_two_words(value.expose_secret())?;
                Self::Header(format!("{scheme} {}", how.of(secret)?).into())
            }
        })
    }

    /// What a scheme of the provider's own is called, and whether its case counts, is not known.
    fn in_small_letters(&self) -> Option<Self> {
        match self {
            Self::Bearer(_) | Self::Basic { .. } => {
                let header = self.header()?;
                let (scheme, secret) = header.split_once(' ')?;
                let small = format!("{} {secret}", scheme.to_ascii_lowercase());
                Some(Self::Header(small.into()))
            }
            Self::None | Self::Header(_) => None,
        }
    }
}

/// The scheme and the secret of a header that has nothing else: of others it is not known which part is read.
fn in_two_words(header: &str) -> Option<(&str, &str)> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~+/".contains(c);
    let (scheme, secret) = header.split_once(' ')?;
    let is_token = secret.trim_end_matches('=').chars().all(plain);
    is_token.then_some((scheme, secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(auth: &Auth) -> Vec<String> {
        let nearly = Nearly::ALL.into_iter().filter_map(|how| auth.nearly(how));
        nearly.filter_map(|auth| auth.header()).collect()
    }

    #[test]
    fn a_token_is_nearly_right() {
        let token = |text: &str| Auth::Bearer(text.to_owned().into());
        assert_eq!(
            headers(&token("aaaa-bbbb-cccc")),
            [
                "Bearer aaaa-bbbb-cdcc",
                "Bearer aaaa-bbbb-",
                "Bearer aaaa-bbbb-ccccscim",
                "bearer aaaa-bbbb-cccc",
            ]
        );
        assert_eq!(
            headers(&token("QUJDREVGR0hJSktMTQ==")),
            [
                "Bearer QUJDREVGR0hJSktNTQ==",
                "Bearer QUJDREVGR0hJSk==",
                "Bearer QUJDREVGR0hJSktMTQscim==",
                "Bearer qujdrevgr0HjsKTmtq==",
                "bearer QUJDREVGR0hJSktMTQ==",
            ]
        );
    }

    #[test]
    fn no_reading_makes_it_the_right_one() {
        for (secret, altered) in [
            ("aaaaaaaaaaaaaazz-z", "aaaaaaaaaaaaaaaz-z"),
            ("0123456789.9999.-9", "0123456789.9909.-9"),
            ("zzzzzzzzzzzzzzzzzz", "zzzzzzzzzzzzzzzazz"),
        ] {
            let found = Nearly::Altered.of(secret);
            assert_eq!(found.as_deref(), Some(altered), "{secret}");
        }
        assert_eq!(Nearly::Altered.of("-.-.-.-.-.-.-.-.-"), None);
        assert_eq!(Nearly::Cut.of("short-token"), None);
        let turned = Nearly::OtherCase.of("0aB1-cD2e-Fg3h=");
        assert_eq!(turned.as_deref(), Some("0Ab1-Cd2E-fG3H="));
        for of_one_case in ["0123456789abcdef", "MZXW6YTBOI2GK4TB"] {
            assert_eq!(Nearly::OtherCase.of(of_one_case), None);
        }
    }

    #[test]
    fn what_is_not_understood_is_not_altered() {
        let basic = Auth::Basic {
            user: "u".to_owned(),
            password: "a-long-password".to_owned().into(),
        };
        assert_eq!(headers(&basic).len(), 4);
        let header = |text: &str| headers(&Auth::Header(text.to_owned().into()));
        let own = header("SSWS aaaa-bbbb-cccc");
        assert_eq!(own[0], "SSWS aaaa-bbbb-cdcc");
        assert_eq!(own.len(), 3, "the case of an own scheme may count");
        for other in ["aaaa-bbbb-cccc", "OAuth a=\"bbbbbbbbbbbb\", c=\"1\""] {
            assert_eq!(header(other).len(), 0, "{other}");
        }
        assert_eq!(headers(&Auth::None).len(), 0);
    }
}
