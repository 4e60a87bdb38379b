//! The description of the routes about price lists, promotions, coupons, gift cards and store credit.

use crate::http::openapi::table::{Body, Route, number, route, text};

const TAG: &str = "Prices";

pub(super) const ROUTES: &[Route] = &[
    route("get", "/v1/price-lists", TAG, "All price lists.", "PriceLists"),
    route("get", "/v1/price-lists/{id}", TAG, "A price list.", "PriceList"),
    route("put", "/v1/price-lists/{id}", TAG, "Make or change a price list; its prices stay.", "PriceList")
        .body(Body::Json("PriceListPut"))
        .keyed(),
    route("delete", "/v1/price-lists/{id}", TAG, "Remove a price list with its prices.", "PricingDone").keyed(),
    route("get", "/v1/price-lists/{id}/prices", TAG, "Prices of a list, in order of SKU.", "ListPrices")
        .params(&[number("limit", "1 to 1,000; 100 when left out."), text("cursor", "`next_cursor` of the page before.")]),
    route("post", "/v1/price-lists/{id}/prices", TAG, "Set prices; a SKU without tiers leaves the list.", "PricingDone")
        .body(Body::Json("ListPricesSet"))
        .keyed(),
    route("get", "/v1/tax-zones", TAG, "Taxes by country.", "TaxZones"),
    route("get", "/v1/tax-zones/{country}", TAG, "The taxes of a country.", "TaxZone"),
    route("put", "/v1/tax-zones/{country}", TAG, "Set the taxes of a country.", "TaxZone").body(Body::Json("TaxZonePut")).keyed(),
    route("delete", "/v1/tax-zones/{country}", TAG, "Remove the taxes of a country.", "PricingDone").keyed(),
    route("get", "/v1/tax-classes", TAG, "SKUs that have a tax class of their own, in order of SKU.", "TaxClasses")
        .params(&[number("limit", "1 to 1,000; 100 when left out."), text("cursor", "`next_cursor` of the page before.")]),
    route("put", "/v1/tax-classes/{class}", TAG, "Say which tax class SKUs belong to; `none` for none.", "PricingDone")
        .body(Body::Json("Skus"))
        .keyed(),
    route("get", "/v1/shoppers/{id}/groups", TAG, "The customer groups that a shopper belongs to.", "ShopperGroups"),
    route("put", "/v1/shoppers/{id}/groups", TAG, "Say which customer groups a shopper belongs to.", "ShopperGroups")
        .body(Body::Json("Groups"))
        .keyed(),
    route("get", "/v1/promotions", TAG, "All promotions, with how often they are used.", "Promotions"),
    route("get", "/v1/promotions/{id}", TAG, "A promotion.", "Promotion"),
    route("put", "/v1/promotions/{id}", TAG, "Make or change a promotion.", "Promotion").body(Body::Json("PromotionPut")).keyed(),
    route("delete", "/v1/promotions/{id}", TAG, "Remove a promotion and its coupons.", "PricingDone").keyed(),
    route(
        "get",
        "/v1/promotions/{id}/coupons",
        TAG,
        "Coupons of a promotion, in order of code. A page may have few and more behind it.",
        "Coupons",
    )
    .params(&[number("limit", "1 to 1,000; 100 when left out."), text("cursor", "`next_cursor` of the page before.")]),
    route("post", "/v1/promotions/{id}/coupons", TAG, "Make or change coupons.", "PricingDone").body(Body::Json("CouponsPut")).keyed(),
    route("post", "/v1/promotions/{id}/preview", TAG, "What a cart comes to with and without it. Nothing happens.", "PromotionPreview")
        .body(Body::Json("PreviewAsk")),
    route("get", "/v1/coupons/{code}", TAG, "A coupon, with how often it is used.", "Coupon"),
    route("delete", "/v1/coupons/{code}", TAG, "Remove a coupon.", "PricingDone").keyed(),
    route("get", "/v1/gift-cards", TAG, "Gift cards and store credit, in order of name.", "CreditAccounts")
        .params(&[number("limit", "1 to 1,000; 100 when left out."), text("cursor", "`next_cursor` of the page before.")]),
    route("post", "/v1/gift-cards", TAG, "Issue a gift card. Its code is in this answer and nowhere else.", "CreditAccount")
        .body(Body::Json("GiftCardIssue"))
        .status("201")
        .keyed(),
    route("get", "/v1/gift-cards/{id}", TAG, "A gift card or store credit by name.", "CreditAccount"),
    route("post", "/v1/gift-cards/{id}/fund", TAG, "Put money on it, or take it off.", "CreditAccount").body(Body::Json("Fund")).keyed(),
    route("post", "/v1/gift-cards/{id}/block", TAG, "Let it pay nothing any more.", "CreditAccount").keyed(),
    route("post", "/v1/gift-cards/{id}/unblock", TAG, "Let it pay again.", "CreditAccount").keyed(),
    route("get", "/v1/credits", TAG, "A shopper's store credit.", "CreditAccount")
        .params(&[text("shopper_id", "Whose; required."), text("currency", "ISO 4217; USD when left out.")]),
    route("post", "/v1/credits", TAG, "Give a shopper credit.", "CreditAccount").body(Body::Json("CreditGrant")).keyed(),
    route("put", "/v1/carts/{id}/claims", TAG, "Replace a cart's coupons, gift cards and marketplace.", "Claimed")
        .body(Body::Json("ClaimsPut"))
        .keyed(),
    route("put", "/v1/checkout-sessions/{id}/claims", TAG, "Replace a session's coupons, gift cards and marketplace.", "Claimed")
        .body(Body::Json("ClaimsPut"))
        .keyed(),
    route("get", "/v1/products/{id}/price-history", TAG, "What a product cost, and the lowest price of 30 days.", "PriceHistory"),
];

pub(super) const SCHEMAS: &str = include_str!("pricing.json");
