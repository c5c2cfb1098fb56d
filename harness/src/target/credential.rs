//! Credentials, and the mask that keeps them out of everything that is shown or stored.

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use secrecy::{ExposeSecret, SecretString};

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

    /// Every form in which the secret could show up somewhere.
    fn secrets(&self) -> Vec<String> {
        let plain = match self {
            Self::None => return Vec::new(),
            Self::Bearer(secret) | Self::Header(secret) => vec![secret.expose_secret().to_owned()],
            Self::Basic { user, password } => vec![
                basic(user, password.expose_secret()),
                password.expose_secret().to_owned(),
            ],
        };
        plain
            .into_iter()
            .flat_map(|secret| forms(&secret))
            .collect()
    }
}

/// A secret as it is, and as it is written in a URL, a form, JSON, HTML and Base64.
fn forms(secret: &str) -> Vec<String> {
    let quoted = serde_json::Value::from(secret).to_string();
    let json = quoted[1..quoted.len() - 1].to_owned();
    let slashes = json.replace('/', "\\/");
    let encoded = crate::template::percent_encode(secret);
    let lower = lower_hex(&encoded);
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let html = ['&', '<', '>', '"', '\'']
        .iter()
        .fold(secret.to_owned(), |text, c| {
            text.replace(*c, &format!("&#{};", u32::from(*c)))
        });
    let named = secret
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;");
    let base64 = BASE64_STANDARD.encode(secret);
    let unpadded = base64.trim_end_matches('=').to_owned();
    let url_safe = BASE64_URL_SAFE_NO_PAD.encode(secret);
    let forms = [
        secret.to_owned(),
        encoded,
        lower,
        form,
        json,
        slashes,
        html,
        named,
        base64,
        unpadded,
        url_safe,
    ];
    forms.into()
}

/// Percent-encoded text with its digits in lower case: `%2f`.
fn lower_hex(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        format!("{text}%{}{rest}", digits.to_lowercase())
    })
}

fn basic(user: &str, password: &str) -> String {
    BASE64_STANDARD.encode(format!("{user}:{password}"))
}

/// Replaces secrets in text.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    secrets: Vec<SecretString>,
    /// Whole Authorization headers with what is shown for them, however short the secret is.
    headers: Vec<(SecretString, String)>,
}

impl Mask {
    /// A mask for these credentials.
    pub fn new<'a>(credentials: impl IntoIterator<Item = &'a Auth>) -> Self {
        let credentials: Vec<&Auth> = credentials.into_iter().collect();
        let headers = credentials
            .iter()
            .filter_map(|auth| Some((auth.header()?.into(), auth.shown()?)))
            .collect();
        let mut secrets: Vec<String> = credentials
            .into_iter()
            .flat_map(Auth::secrets)
            .filter(|secret| secret.chars().count() >= SHORTEST_SECRET)
            .collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.dedup();
        Self {
            secrets: secrets.into_iter().map(SecretString::from).collect(),
            headers,
        }
    }

    /// The value of a header without any secret.
    pub fn header(&self, value: &str) -> String {
        let mut known = self.headers.iter();
        let known = known.find(|(plain, _)| plain.expose_secret() == value);
        known.map_or_else(|| self.apply(value), |(_, shown)| shown.clone())
    }

    /// Whether a text holds a secret.
    pub fn finds(&self, text: &str) -> bool {
        self.secrets
            .iter()
            .any(|secret| text.contains(secret.expose_secret()))
    }

    /// The text without any secret.
    pub fn apply(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| {
            if text.contains(secret.expose_secret()) {
                text.replace(secret.expose_secret(), PLACEHOLDER)
            } else {
                text
            }
        })
    }
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
        ] {
            assert_eq!(
                mask.apply(&format!("x{written}y")),
                "x$SCIM_TOKENy",
                "{written}"
            );
        }
    }

    #[test]
    fn a_secret_too_short_to_be_one_is_masked_in_its_header_alone() {
        let mask = Mask::new([&Auth::Bearer(secret("a"))]);
        assert_eq!(mask.apply("application/json"), "application/json");
        assert_eq!(mask.header("Bearer a"), "Bearer $SCIM_TOKEN");
        assert_eq!(mask.header("Bearer b"), "Bearer b");
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
