//! Credentials, and the mask that keeps them out of everything that is shown or stored.

use std::{borrow::Cow, fmt};

use base64::{Engine, prelude::BASE64_STANDARD};
use regex::{NoExpand, Regex};
use ring::digest::{SHA256, digest};
use secrecy::{ExposeSecret, SecretString};

use super::{Nearly, notation};

/// How requests authenticate.
#[derive(Clone, Debug, Default)]
pub enum Auth {
    /// Not at all.
    #[default]
    None,
    /// `Authorization: Bearer …`
    Bearer(SecretString),
    /// `Authorization: Basic …`
    Basic {
        /// User name.
        user: String,
        /// Password.
        password: SecretString,
    },
    /// `Authorization: …` exactly as given.
    Header(SecretString),
}

/// A shorter text than this stands in every answer by chance, and to hide it would hide nothing.
const SHORTEST_SECRET: usize = 4;

/// What stands for a secret in everything shown; a shell puts the real one in.
pub const PLACEHOLDER: &str = "$SCIM_TOKEN";

impl Auth {
    /// Whether there is a credential.
    pub fn is_some(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// Value of the Authorization header.
    pub fn header(&self) -> Option<String> {
        Some(match self {
            Self::None => return None,
            Self::Bearer(token) => format!("Bearer {}", token.expose_secret()),
            Self::Basic { user, password } => {
                format!("Basic {}", basic(user, password.expose_secret()))
            }
            Self::Header(value) => value.expose_secret().to_owned(),
        })
    }

    /// Value of the Authorization header with the placeholder for the secret.
    fn shown(&self) -> Option<String> {
        Some(match self {
            Self::None => return None,
            Self::Bearer(_) => format!("Bearer {PLACEHOLDER}"),
            Self::Basic { .. } => format!("Basic {PLACEHOLDER}"),
            Self::Header(_) => PLACEHOLDER.to_owned(),
        })
    }

    /// A credential of the same form that is not right.
    pub fn wrong(&self) -> Self {
        let wrong = || SecretString::from("scim-harness-wrong-credential".to_owned());
        match self {
            Self::Basic { user, .. } => Self::Basic {
                user: user.clone(),
                password: wrong(),
            },
            Self::Header(_) => Self::Header(wrong()),
            Self::None | Self::Bearer(_) => Self::Bearer(wrong()),
        }
    }

    /// Six hexadecimal digits by which it is told from another one, salted: too few to try guesses
    /// of a password on. A user name stands for its password, which may be another one later.
    pub fn fingerprint(&self, salt: &str) -> Option<String> {
        let whose = match self {
            Self::Basic { user, .. } => user.clone(),
            other => other.header()?,
        };
        let hash = digest(&SHA256, format!("{salt}\n{whose}").as_bytes());
        let digits = hash.as_ref().iter().take(3);
        Some(digits.map(|byte| format!("{byte:02x}")).collect())
    }

    /// Every secret of it, as it is.
    fn secrets(&self) -> Vec<String> {
        match self {
            Self::None => Vec::new(),
            Self::Bearer(secret) | Self::Header(secret) => vec![secret.expose_secret().to_owned()],
            Self::Basic { user, password } => vec![
                basic(user, password.expose_secret()),
                password.expose_secret().to_owned(),
            ],
        }
    }
}

fn basic(user: &str, password: &str) -> String {
    BASE64_STANDARD.encode(format!("{user}:{password}"))
}

/// Replaces secrets in text.
#[derive(Clone, Default)]
pub struct Mask {
    /// Find every secret in every notation, one after the other.
    written: Vec<Regex>,
    /// Whole Authorization headers with what is shown for them, however short the secret is.
    headers: Vec<(SecretString, String)>,
}

impl fmt::Debug for Mask {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(mask)")
    }
}

impl Mask {
    /// A mask for these credentials.
    pub fn new<'a>(credentials: impl IntoIterator<Item = &'a Auth>) -> Self {
        let credentials: Vec<&Auth> = credentials.into_iter().collect();
        let headers = credentials
            .iter()
            .filter_map(|auth| Some((auth.header()?.into(), auth.shown()?)))
            .collect();
        let secrets = credentials.into_iter().flat_map(Auth::secrets);
        Self {
            written: finder(secrets).into_iter().collect(),
            headers,
        }
    }

    /// Hides what is made of a credential to be nearly right too: who knows it knows nearly all.
    /// It has a pattern of its own, as one that grew too long would find less of the credential.
    pub fn and_nearly(mut self, credential: &Auth) -> Self {
        let nearly: Vec<(Nearly, Auth)> = Nearly::ALL
            .into_iter()
            .filter_map(|how| Some((how, credential.nearly(how)?)))
            .collect();
        let headers = nearly.iter().filter_map(|(how, auth)| {
            let shown = credential.shown()? + how.shown();
            Some((auth.header()?.into(), shown))
        });
        self.headers.extend(headers);
        let secrets = nearly.iter().flat_map(|(_, auth)| auth.secrets());
        let unknown = finder(secrets.filter(|secret| !self.finds(secret)));
        self.written.extend(unknown);
        self
    }

    /// The value of a header without any secret.
    pub fn header(&self, value: &str) -> String {
        let mut known = self.headers.iter();
        let known = known.find(|(plain, _)| plain.expose_secret() == value);
        known.map_or_else(|| self.apply(value), |(_, shown)| shown.clone())
    }

    /// Whether a text holds a secret.
    pub fn finds(&self, text: &str) -> bool {
        self.written.iter().any(|written| written.is_match(text))
    }

    /// The text without any secret.
    pub fn apply(&self, text: &str) -> String {
        self.written.iter().fold(text.to_owned(), |text, written| {
            match written.replace_all(&text, NoExpand(PLACEHOLDER)) {
                Cow::Borrowed(_) => text,
                Cow::Owned(masked) => masked,
            }
        })
    }
}

/// What finds any of these secrets, the longest first; nothing without one.
fn finder(secrets: impl Iterator<Item = String>) -> Option<Regex> {
    let mut secrets: Vec<String> = secrets
        .filter(|secret| secret.chars().count() >= SHORTEST_SECRET)
        .collect();
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets.dedup();
    notation::of_any(&secrets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    #[test]
    fn each_form_of_credential_has_its_header() {
        assert_eq!(Auth::None.header(), None);
        assert_eq!(Auth::Bearer(secret("t")).header().unwrap(), "Bearer t");
        assert_eq!(Auth::Header(secret("abc")).header().unwrap(), "abc");
        let basic = Auth::Basic {
            user: "u".into(),
            password: secret("p"),
        };
        assert_eq!(basic.header().unwrap(), "Basic dTpw");
    }

    #[test]
    fn a_secret_is_masked_in_each_form_and_not_in_debug_output() {
        let auth = Auth::Basic {
            user: "admin".into(),
            password: secret("s3cret/word"),
        };
        let mask = Mask::new([&auth]);
        let header = auth.header().unwrap();
        assert_eq!(mask.apply(&header), "Basic $SCIM_TOKEN");
        assert_eq!(
            mask.apply("x s3cret/word s3cret%2Fword"),
            "x $SCIM_TOKEN $SCIM_TOKEN"
        );
        assert_eq!(
            mask.apply(r#"{"a":"s3cret\/word"}"#),
            r#"{"a":"$SCIM_TOKEN"}"#
        );
        assert!(!format!("{auth:?}").contains("s3cret"));
    }

    #[test]
    fn a_secret_is_masked_however_it_is_written() {
        let mask = Mask::new([&Auth::Bearer(secret("to/k&n <1> \"=+"))]);
        for written in [
            "to/k&n <1> \"=+",
            "to%2Fk%26n%20%3C1%3E%20%22%3D%2B",
            "to%2fk%26n%20%3c1%3e%20%22%3d%2b",
            "to%2Fk%26n+%3C1%3E+%22%3D%2B",
            r#"to/k&n <1> \"=+"#,
            r#"to\/k&n <1> \"=+"#,
            "to/k&amp;n &lt;1&gt; &quot;=+",
            "dG8vayZuIDwxPiAiPSs=",
            "dG8vayZuIDwxPiAiPSs",
            "TO/K&N <1> \"=+",
            "%74%6F%2f%6b%26%6e%20%3C%31%3E%20%22%3D%2B",
            "to%252Fk%2526n%2520%253C1%253E%2520%2522%253D%252B",
            r#"\u0074o\u002Fk\u0026n <1> \u0022=+"#,
            "&#116;o&#x2F;k&amp;n&#32;&lt;1&gt; &#034;=+",
            "746f2f6b266e203c313e20223d2b",
        ] {
            assert_eq!(
                mask.apply(&format!("x{written}y")),
                "x$SCIM_TOKENy",
                "{written}"
            );
        }
    }

    #[test]
    fn a_secret_is_masked_where_json_stands_in_json() {
        for token in ["Zk7Q/2RsY==", "a\"b\\c/d \\\"e", "\u{e9}t\u{e9}-\\"] {
            let mask = Mask::new([&Auth::Bearer(secret(token))]);
            let mut written = token.to_owned();
            for _ in 0..3 {
                written = serde_json::Value::from(written).to_string();
                written = written[1..written.len() - 1].replace('/', "\\/");
                let shown = mask.apply(&format!("<{written}>"));
                assert_eq!(shown, "<$SCIM_TOKEN>", "{written}");
            }
        }
        let mask = Mask::new([&Auth::Bearer(secret("\u{e9}t\u{e9}s"))]);
        assert_eq!(mask.apply(r"\\u00e9t\\u00E9s"), "$SCIM_TOKEN");
    }

    #[test]
    fn a_secret_is_masked_without_its_padding_too() {
        let mask = Mask::new([&Auth::Bearer(secret("Zk7Qw9x+vT/2RsY=="))]);
        for written in [
            "Zk7Qw9x+vT/2RsY==",
            "Zk7Qw9x+vT/2RsY",
            "Zk7Qw9x%2BvT%2F2RsY",
            r"Zk7Qw9x+vT\\\/2RsY",
        ] {
            assert_eq!(mask.apply(&format!("x {written} y")), "x $SCIM_TOKEN y");
        }
    }

    #[test]
    fn a_secret_is_masked_in_base64_of_what_holds_it() {
        let token = "Sec-Tok/en+4Xz9QwErTy0";
        let mask = Mask::new([&Auth::Bearer(secret(token))]);
        let core = &BASE64_STANDARD.encode(token)[4..16];
        for around in ["", "B", "Be", "Bearer ", "{\"authorization\":\""] {
            let encoded = BASE64_STANDARD.encode(format!("{around}{token}\"}}"));
            for written in [encoded.clone(), encoded.replace('+', "-").replace('/', "_")] {
                let shown = mask.apply(&written);
                assert!(shown.contains("$SCIM_TOKEN"), "{around}: {shown}");
                assert!(!shown.contains(core), "{around}: {shown}");
            }
        }
        assert_eq!(format!("{mask:?}"), "(mask)");
    }

    #[test]
    fn a_short_secret_is_masked_as_it_is_written_only() {
        let mask = Mask::new([&Auth::Bearer(secret("user"))]);
        assert_eq!(mask.apply("user User"), "$SCIM_TOKEN User");
    }

    #[test]
    fn a_long_secret_is_masked_too() {
        let token = "abcdefghijklmnopqrstuvwxyz0123456789-._~".repeat(100);
        let mask = Mask::new([&Auth::Bearer(secret(&token))]);
        assert_eq!(mask.apply(&format!("x {token} y")), "x $SCIM_TOKEN y");
    }

    #[test]
    fn a_secret_is_masked_where_it_is_nearly_right() {
        for token in ["s3cret/t0ken&of-a tenant", "abcdefghijklmno=="] {
            let auth = Auth::Bearer(secret(token));
            let mask = Mask::new([&auth]).and_nearly(&auth);
            for how in [Nearly::Altered, Nearly::Cut] {
                let nearly = auth.nearly(how).unwrap();
                let text = nearly.secrets().concat();
                assert_eq!(mask.apply(&format!("<{text}>")), "<$SCIM_TOKEN>");
                assert!(mask.finds(&BASE64_STANDARD.encode(text)));
                let header = nearly.header().unwrap();
                let shown = format!("Bearer $SCIM_TOKEN{}", how.shown());
                assert_eq!(mask.header(&header), shown);
            }
            let longer = auth.nearly(Nearly::Lengthened).unwrap().secrets().concat();
            assert!(mask.apply(&longer).starts_with("$SCIM_TOKEN"));
        }
        let auth = Auth::Bearer(secret("abc"));
        let mask = Mask::new([&auth]).and_nearly(&auth);
        let shown = "Bearer $SCIM_TOKEN (scheme in small letters)";
        assert_eq!(mask.header("bearer abc"), shown);
    }

    #[test]
    fn a_secret_too_short_to_be_one_is_masked_in_its_header_alone() {
        let mask = Mask::new([&Auth::Bearer(secret("a"))]);
        assert_eq!(mask.apply("application/json"), "application/json");
        assert_eq!(mask.header("Bearer a"), "Bearer $SCIM_TOKEN");
        assert_eq!(mask.header("Bearer b"), "Bearer b");
    }

    #[test]
    fn a_fingerprint_tells_credentials_apart_and_nothing_of_them() {
        let of = |token: &str, salt| Auth::Bearer(secret(token)).fingerprint(salt).unwrap();
        assert_eq!(of("token-1", "a"), of("token-1", "a"));
        assert_ne!(of("token-1", "a"), of("token-2", "a"));
        assert_ne!(of("token-1", "a"), of("token-1", "b"));
        assert_eq!(of("token-1", "a").len(), 6);
        let basic = |password| Auth::Basic {
            user: "u".into(),
            password: secret(password),
        };
        assert_eq!(basic("old").fingerprint("a"), basic("new").fingerprint("a"));
        assert_eq!(Auth::None.fingerprint("a"), None);
    }

    #[test]
    fn a_wrong_credential_keeps_the_form_and_differs() {
        let basic = Auth::Basic {
            user: "u".into(),
            password: secret("p"),
        };
        assert!(basic.wrong().header().unwrap().starts_with("Basic dTpz"));
        assert_ne!(basic.wrong().header(), basic.header());
        assert!(
            Auth::Bearer(secret("t"))
                .wrong()
                .header()
                .unwrap()
                .starts_with("Bearer ")
        );
    }
}
