//! The stylesheet, the script with its modules and the icon, from the program itself.

use axum::{
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    },
    response::{IntoResponse, Response},
};

pub(crate) const STYLE_PATH: &str = "/assets/purser.css";
pub(crate) const ICON_PATH: &str = "/assets/purser.svg";
pub(crate) const SCRIPT_PATH: &str = "/assets/purser.js";
pub(crate) const BASKET_SCRIPT_PATH: &str = "/assets/basket.js";
pub(crate) const LIVE_SCRIPT_PATH: &str = "/assets/live.js";

pub(crate) async fn style() -> Response {
    asset("text/css; charset=utf-8", include_str!("../assets/purser.css"))
}

pub(crate) async fn icon() -> Response {
    asset("image/svg+xml", include_str!("../assets/purser.svg"))
}

pub(crate) async fn script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("../assets/purser.js"))
}

pub(crate) async fn basket_script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("../assets/basket.js"))
}

pub(crate) async fn live_script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("../assets/live.js"))
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        // Asked for again after an upgrade, and else not for a while.
        (CACHE_CONTROL, HeaderValue::from_static("max-age=300")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, text).into_response()
}
