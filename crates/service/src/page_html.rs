//! A member's page as HTML: no scripts, no images but the codes, nothing from elsewhere.

use qrcode::{EcLevel, QrCode, render::svg};

use crate::page_words::{Language, Trouble};

/// What a page shows.
pub(crate) struct Page<'a> {
    pub(crate) language: Language,
    /// The path of the page.
    pub(crate) path: &'a str,
    /// The company.
    pub(crate) chain: &'a str,
    /// The member's name as strangers may read it.
    pub(crate) name: String,
    pub(crate) balance: i64,
    /// What expires next: points, and the day, if there is one.
    pub(crate) next: Option<(i64, Option<String>)>,
    pub(crate) codes: Vec<Code>,
    /// Number and name of the stores.
    pub(crate) stores: Vec<(u32, String)>,
    /// Names the next request of this form, so that a double tap sends one.
    pub(crate) form: String,
    pub(crate) trouble: Option<Trouble>,
}

/// Points on their way to a store.
pub(crate) struct Code {
    pub(crate) store: String,
    pub(crate) points: i64,
    /// Day, hour and minute.
    pub(crate) until: (String, (u32, u32)),
    /// The voucher's text.
    pub(crate) text: String,
}

/// What points are carried in.
const STEP: i64 = 100;

impl Page<'_> {
    pub(crate) fn html(&self) -> String {
        let language = self.language;
        let mut body = self.trouble.map_or_else(String::new, |trouble| {
            format!("<p class=\"trouble\" role=\"alert\">{}</p>", language.trouble(trouble))
        });
        body += &self.points();
        for code in &self.codes {
            body += &code.html(language);
        }
        body += &self.form();
        document(language, self.chain, self.path, &body)
    }

    fn points(&self) -> String {
        let Self { language, balance, .. } = self;
        let next = match &self.next {
            Some((points, Some(date))) => language.expires_next(*points, date),
            Some((_, None)) => language.never_expires().to_owned(),
            None => String::new(),
        };
        let name = escaped(&self.name);
        format!(
            "<section class=\"points\"><p class=\"name\">{name}</p><p class=\"balance\"><strong>{balance}</strong> {}</p>\
             <p class=\"next\">{next}</p></section>",
            language.points(),
        )
    }

    fn form(&self) -> String {
        let Self { language, path, form, .. } = self;
        let most = self.balance.div_euclid(STEP) * STEP;
        if most < STEP || self.stores.is_empty() {
            return format!("<section><p>{}</p></section>", language.nothing_to_carry());
        }
        let option =
            |(number, name): &(u32, String)| format!("<option value=\"{number}\">{}</option>", escaped(name));
        let stores = self.stores.iter().map(option).collect::<Vec<_>>().concat();
        format!(
            "<section><h2>{}</h2><p>{}</p><form method=\"post\" action=\"{path}/carry?lang={}\">\
             <input type=\"hidden\" name=\"form\" value=\"{form}\">\
             <label>{}<select name=\"store\" required>{stores}</select></label>\
             <label>{}<input name=\"points\" type=\"number\" inputmode=\"numeric\" min=\"{STEP}\" max=\"{most}\" \
             step=\"{STEP}\" value=\"{STEP}\" required></label>\
             <button>{}</button></form></section>",
            language.carry(),
            language.carry_why(),
            language.query(),
            language.store(),
            language.how_many(),
            language.make_code(),
        )
    }
}

impl Code {
    fn html(&self, language: Language) -> String {
        let (date, time) = &self.until;
        format!(
            "<section class=\"code\"><h2>{}</h2><p class=\"where\">{}</p><div class=\"qr\" role=\"img\" aria-label=\"{}\">{}</div>\
             <p>{}</p><details><summary>{}</summary><p class=\"text\">{}</p></details></section>",
            language.codes(),
            escaped(&language.for_store(self.points, &self.store)),
            language.scan(),
            qr(&self.text).unwrap_or_default(),
            language.good_until(date, *time),
            language.as_text(),
            escaped(&self.text),
        )
    }
}

/// A page that says only what is wrong.
pub(crate) fn refusal(language: Language, trouble: Trouble) -> String {
    let body = format!("<section><p class=\"trouble\">{}</p></section>", language.trouble(trouble));
    document(language, "", "", &body)
}

fn document(language: Language, chain: &str, path: &str, body: &str) -> String {
    let (query, name) = language.other();
    let switch =
        if path.is_empty() { String::new() } else { format!("<a href=\"{path}?lang={query}\">{name}</a>") };
    format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" content=\"noindex\">\
         <title>{title}</title><link rel=\"stylesheet\" href=\"/m/style.css\"></head>\
         <body><header><div><p>{}</p><h1>{title}</h1></div>{switch}</header><main>{body}</main></body></html>",
        language.tag(),
        escaped(chain),
        title = language.title(),
    )
}

/// The QR code of a voucher, error level M, as an SVG element.
fn qr(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let svg = code.render::<svg::Color<'_>>().min_dimensions(320, 320).build();
    svg.find("<svg").map(|start| svg[start..].to_owned())
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// A name of which a stranger learns one character.
pub(crate) fn masked(name: &str) -> String {
    name.chars().next().map_or_else(String::new, |first| format!("{first}＊＊"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_masked_and_no_text_becomes_markup() {
        assert_eq!((masked("王小明"), masked("")), ("王＊＊".to_owned(), String::new()));
        let code = Code {
            store: "<b>\"Shop\" & 'Co'</b>".to_owned(),
            points: 100,
            until: ("2026-08-02".to_owned(), (9, 5)),
            text: "PURSER-VOUCHER-QNMFQQ".to_owned(),
        };
        let html = code.html(Language::English);
        assert!(html.contains("&lt;b&gt;&quot;Shop&quot; &amp; &#39;Co&#39;&lt;/b&gt;"), "{html}");
        assert!(!html.contains("<b>") && html.contains("<svg") && html.contains("2026-08-02 09:05"));
    }
}
