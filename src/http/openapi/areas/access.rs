//! The description of the routes about who may ask: keys, administrators, logins, what was done.

use crate::http::openapi::table::{Body, Route, number, route};

pub(super) const ROUTES: &[Route] = &[
    route("get", "/v1/keys", "Access", "Access keys, revoked ones too; no secrets.", "Keys"),
    route("post", "/v1/keys", "Access", "Make a key; the answer holds its secret, once. The first one closes the shop.", "Key")
        .body(Body::Json("KeyCreate"))
        .status("201")
        .keyable(),
    route("get", "/v1/keys/{id}", "Access", "A key.", "Key"),
    route("delete", "/v1/keys/{id}", "Access", "Revoke a key, at once.", "").status("204").keyable(),
    route("post", "/v1/keys/{id}/rotate", "Access", "A new secret, good at once; the old one stays good for a while.", "Key")
        .body(Body::Json("KeyRotate"))
        .keyable(),
    route("get", "/v1/admins", "Access", "Who may log in at the console.", "Admins"),
    route("post", "/v1/admins", "Access", "Make an administrator.", "Admin").body(Body::Json("AdminCreate")).status("201").keyable(),
    route("delete", "/v1/admins/{id}", "Access", "Remove an administrator; their sessions end.", "").status("204").keyable(),
    route("put", "/v1/admins/{id}/password", "Access", "Give an administrator another password; their sessions end.", "")
        .body(Body::Json("PasswordChange"))
        .status("204")
        .keyable(),
    route("get", "/v1/audit", "Access", "What administrators did, in the order of the access journal.", "Audit").params(&[
        number("after", "next of the page before; from the start when left out."),
        number("limit", "1 to 1000; 100 when left out."),
    ]),
    route(
        "post",
        "/v1/shoppers/{id}/tokens",
        "Access",
        "A token with which a key acts as this shopper alone. Nothing is written, so each request gets one of its own.",
        "ShopperToken",
    )
    .body(Body::Json("ShopperTokenCreate"))
    .status("201"),
    route("post", "/storefront/visit", "Access", "Give the browser on the shop page a name, in a cookie.", "").status("204"),
    route("get", "/console/api/session", "Access", "Who is logged in, by cookie.", "ConsoleSession"),
    route(
        "post",
        "/console/api/session",
        "Access",
        "Log in; the answer sets a cookie. It takes no key: a session whose cookie was lost ends by itself.",
        "ConsoleSession",
    )
    .body(Body::Json("Login"))
    .status("201"),
    route("delete", "/console/api/session", "Access", "Log out; X-CSRF-Token is needed.", "").status("204"),
    route(
        "post",
        "/console/api/session/totp",
        "Access",
        "Offer a secret for an authenticator app. Nothing is kept of it, so each request gets one of its own.",
        "TotpOffer",
    ),
    route("put", "/console/api/session/totp", "Access", "Put the offered secret into force by a code of it.", "")
        .body(Body::Json("TotpConfirm"))
        .status("204")
        .keyable(),
    route("delete", "/console/api/session/totp", "Access", "Log in without codes again; a code is needed.", "")
        .body(Body::Json("TotpRemove"))
        .status("204")
        .keyable(),
];

pub(super) const SCHEMAS: &str = include_str!("access.json");
