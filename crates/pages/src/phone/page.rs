//! A member's page as HTML: no scripts, nothing from elsewhere.

use maud::{DOCTYPE, Markup, html};
use rust_i18n::t;

use crate::{
    language::Language,
    phone::{
        account::{Account, Code},
        trouble::Trouble,
    },
    qr::qr,
    session::random,
    shell::{alert, head},
};

pub(crate) struct Page<'a> {
    pub(crate) language: Language,
    /// The path of the page.
    pub(crate) path: &'a str,
    /// The company.
    pub(crate) chain: &'a str,
    pub(crate) account: Account,
    pub(crate) trouble: Option<Trouble>,
}

impl Page<'_> {
    pub(crate) fn html(&self) -> Markup {
        let body = html! {
            @if let Some(trouble) = self.trouble { (alert(&trouble.words(self.language))) }
            (self.points())
            @for code in &self.account.codes { (code.html(self.language)) }
            (self.form())
        };
        document(self.language, self.chain, self.path, &body)
    }

    fn points(&self) -> Markup {
        let locale = self.language.locale();
        html! {
            section .card .own-points {
                p { (self.account.name) }
                p .sum { strong { (self.account.balance) } " " (t!("phone.points", locale = locale)) }
                @match self.account.next {
                    Some((points, Some(date))) => { p { (t!("phone.expire", locale = locale, points = points, date = date)) } }
                    Some((_, None)) => { p { (t!("phone.never_expire", locale = locale)) } }
                    None => {}
                }
            }
        }
    }

    fn form(&self) -> Markup {
        let locale = self.language.locale();
        let Account { balance, step, stores, .. } = &self.account;
        let most = balance.div_euclid(*step) * step;
        if most < *step || stores.is_empty() {
            return html! { section .card { p { (t!("phone.nothing_to_carry", locale = locale, step = step)) } } };
        }
        html! {
            section .card {
                h2 { (t!("phone.carry", locale = locale)) }
                p .soft { (t!("phone.carry_why", locale = locale)) }
                form method="post" action={ (self.path) "/carry?lang=" (locale) } {
                    // So that a double tap sends one.
                    input type="hidden" name="form" value=(random().unwrap_or_default());
                    label { (t!("phone.store", locale = locale))
                        select name="store" required { @for store in stores { option value=(store.store.0) { (store.name) } } } }
                    label { (t!("phone.how_many", locale = locale, step = step))
                        input name="points" type="number" inputmode="numeric" min=(step) max=(most) step=(step) value=(step) required; }
                    button .pay { (t!("phone.make_code", locale = locale)) }
                }
            }
        }
    }
}

impl Code {
    fn html(&self, language: Language) -> Markup {
        let locale = language.locale();
        html! {
            section .card .own-code {
                h2 { (t!("phone.code", locale = locale)) }
                p .lead { (language.counted("phone.for_store", self.points)) " · " (self.store) }
                div .qr role="img" aria-label=(t!("phone.scan", locale = locale)) { (qr(&self.text)) }
                p .soft { (t!("phone.good_until", locale = locale, moment = self.until)) }
                details { summary { (t!("phone.as_text", locale = locale)) } p .mono { (self.text) } }
            }
        }
    }
}

/// A page that says only what is wrong.
pub(crate) fn refusal(language: Language, trouble: Trouble) -> Markup {
    document(language, "", "", &html! { (alert(&trouble.words(language))) })
}

fn document(language: Language, chain: &str, path: &str, body: &Markup) -> Markup {
    let (other, name) = language.other();
    let title = t!("phone.title", locale = language.locale());
    html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            (head(&title, &html! { meta name="robots" content="noindex"; }))
            body .phone {
                header { div { p .soft { (chain) } h1 { (title) } }
                    @if !path.is_empty() { a href={ (path) "?lang=" (other.locale()) } lang=(other.tag()) hreflang=(other.tag()) { (name) } } }
                main { (body) }
            }
        }
    }
}
