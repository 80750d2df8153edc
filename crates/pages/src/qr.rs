use maud::{Markup, PreEscaped};
use qrcode::{EcLevel, QrCode, render::svg};

/// The QR code of a text, error level M, as an SVG element; nothing of a text that is too long for one.
pub(crate) fn qr(text: &str) -> Markup {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else {
        return PreEscaped(String::new());
    };
    let svg = code.render::<svg::Color<'_>>().min_dimensions(320, 320).build();
    PreEscaped(svg.find("<svg").map(|start| svg[start..].to_owned()).unwrap_or_default())
}
