//! Every route of the interface: what it does, takes and answers.

use super::deprecation::Deprecation;

/// A parameter of a query string.
pub(super) struct Param {
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    pub(super) about: &'static str,
}

/// What a route reads.
#[derive(Clone, Copy)]
pub(super) enum Body {
    /// Nothing.
    None,
    /// JSON of this schema.
    Json(&'static str),
    /// JSON of this schema, or nothing.
    Optional(&'static str),
    /// JSON of this schema, or many of them as NDJSON.
    JsonOrLines(&'static str),
    /// Many of this schema as NDJSON.
    Lines(&'static str),
}

/// One method of one address.
pub(super) struct Route {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) summary: &'static str,
    pub(super) tag: &'static str,
    pub(super) params: &'static [Param],
    pub(super) body: Body,
    pub(super) answer: (&'static str, &'static str),
    /// Whether it needs an `Idempotency-Key`. What it is about then has a version, which `If-Match` may name.
    pub(super) keyed: bool,
    /// Whether it takes an `Idempotency-Key` without needing one.
    pub(super) keyable: bool,
    /// Whether it takes `If-Match` though it needs no key.
    pub(super) conditional: bool,
    /// Whether platforms of the Universal Commerce Protocol are answered in its own way here.
    pub(super) is_ucp: bool,
    /// When it is on its way out, if it is.
    pub(super) deprecation: Option<Deprecation>,
}

pub(super) const fn text(name: &'static str, about: &'static str) -> Param {
    Param { name, kind: "string", about }
}

pub(super) const fn number(name: &'static str, about: &'static str) -> Param {
    Param { name, kind: "integer", about }
}

pub(super) const fn flag(name: &'static str, about: &'static str) -> Param {
    Param { name, kind: "boolean", about }
}

pub(super) const fn route(
    method: &'static str,
    path: &'static str,
    tag: &'static str,
    summary: &'static str,
    schema: &'static str,
) -> Route {
    let (params, body, answer) = (&[], Body::None, ("200", schema));
    Route {
        method,
        path,
        summary,
        tag,
        params,
        body,
        answer,
        keyed: false,
        keyable: false,
        conditional: false,
        is_ucp: false,
        deprecation: None,
    }
}

impl Route {
    pub(super) const fn params(self, params: &'static [Param]) -> Self {
        Self { params, ..self }
    }

    pub(super) const fn body(self, body: Body) -> Self {
        Self { body, ..self }
    }

    pub(super) const fn status(self, status: &'static str) -> Self {
        Self { answer: (status, self.answer.1), ..self }
    }

    pub(super) const fn keyed(self) -> Self {
        Self { keyed: true, ..self }
    }

    pub(super) const fn keyable(self) -> Self {
        Self { keyable: true, ..self }
    }

    pub(super) const fn conditional(self) -> Self {
        Self { conditional: true, ..self }
    }

    pub(super) const fn ucp(self) -> Self {
        Self { is_ucp: true, ..self }
    }

    /// Marks it as on its way out: its description and every answer say so.
    #[cfg_attr(not(test), expect(dead_code, reason = "nothing is on its way out yet"))]
    pub(super) const fn deprecated(self, deprecation: Deprecation) -> Self {
        Self { deprecation: Some(deprecation), ..self }
    }
}

const ORDERS: &[Param] = &[
    text("status", "placed, on_hold, closed or canceled."),
    text("payment_status", "One of the statuses of an order's payment."),
    text("fulfilment_status", "One of the statuses of an order's goods."),
    text("shopper_id", "Orders of one shopper."),
    text("placed_from", "Placed then or later (RFC 3339)."),
    text("placed_until", "Placed before then (RFC 3339)."),
    number("total_min", "Coming to so many minor units or more."),
    number("total_max", "Coming to so many minor units or less."),
    text(
        "sort",
        "newest (when left out), oldest, total_desc, total_asc, updated_desc, or status, payment_status or fulfilment_status: in the order in which they follow each other, the newest orders of each first.",
    ),
    number("limit", "1 to 200; 20 when left out."),
    text("cursor", "next_cursor of the page before."),
];

const SEARCH: &[Param] = &[
    text("q", "The words; empty means everything. Words in quotes must stand side by side; -word and -\"two words\" shut products out."),
    text("like", "Products to find others like, in place of q; several separated by commas."),
    text("filter", "A filter expression, e.g. brand = \"Acme\" AND price < 50 AND store WITHIN 10 km OF (52.52, 13.405)."),
    text(
        "facets",
        "Fields to count values of, separated by commas, with options: brand:search(\"so\"):limit(20), category:tree(2), category:tree:search(\"so\") (what is found and all that stands above it), price[..50,50..100,100..], price:histogram(20), price:interval(10), price:stats, brand:order(alphabetical), brand:impact; * chooses fields by what they cover.",
    ),
    text("sort", "E.g. price:asc,brand or geo(store,52.52,13.405); relevance when left out."),
    text("group_by", "A field whose values hits are grouped by, e.g. brand; limit then counts groups."),
    number("group_limit", "Hits of each group, 1 to 20; 3 when left out."),
    number("limit", "Hits on a page, 1 to 200; 20 when left out."),
    text("cursor", "next_cursor of the page before."),
    text("mode", "hybrid, text or vector."),
    text("spelling", "on (default), or off: every word is looked for as it is typed."),
    flag("prefix", "Whether the last word may be unfinished: search as you type."),
    flag("explain", "Whether each hit says how its score came about."),
    text("fields", "card (default), * for whole documents, or names of fields of either, separated by commas: `title,price,description`."),
    text("ignore_intents", "What is not to be recognised in the words: all, or kinds separated by commas."),
    text("marketplace", "Whose offers and prices hold."),
    text("shopper_id", "Who asks, if known."),
    text("session_id", "In which visit."),
    flag("personalize", "Whether hits lean towards what the shopper and the visit looked at lately; true when left out."),
    text("segments", "Groups that the shopper belongs to, separated by commas; rules may wait for them."),
    text("arm", "An arm of an experiment to be answered with, written experiment:arm; needs rules:read and is not counted."),
];

const PAGED: &[Param] = &[number("limit", "1 to 200; 50 when left out."), text("cursor", "next_cursor of the page before.")];

const RECOMMEND: &[Param] = &[
    text(
        "product_id",
        "What it is about; up to 20 separated by commas. Needed by all kinds but trending, popular, for_you, buy_again, next_order and like_shoppers.",
    ),
    text("shopper_id", "For whom."),
    text("session_id", "In which visit."),
    number("limit", "1 to 100; 12 when left out."),
    text("filter", "A filter expression that one variant of every product passes."),
    text("exclude_id", "Products that are not wanted, up to 500 separated by commas."),
    text("avoid", "bought or seen: what of the shopper's own history is not wanted; nothing when left out."),
    Param { name: "diversity", kind: "number", about: "How much variety counts against fit, 0 (default) to 1." },
    flag("fill", "Whether the list goes on with what is more general when the kind has too little; true when left out."),
    text("pin", "Products on places of your choice: 1:desk-lamp,4:kettle."),
    flag("pin_always", "Whether pins stand there even if they are sold out or do not pass the filter."),
    text("explore", "Places, separated by commas, that are drawn at random from what would come next; each tells its propensity."),
    number("seed", "What is drawn from; the same seed on the same tables draws the same."),
    text(
        "fields",
        "card (default), id for identifiers alone, * for whole documents, or names of fields of cards and documents, separated by commas.",
    ),
    text("marketplace", "Whose offers and prices hold."),
];

/// All routes, as the documentation lists them.
pub(super) const ROUTES: &[Route] = &[
    route("get", "/v1/search", "Find", "Search products.", "SearchAnswer").params(SEARCH),
    route("post", "/v1/search", "Find", "Search products, with a body for long queries.", "SearchAnswer").body(Body::Json("SearchRequest")),
    route("get", "/v1/ranking", "Find", "The weights of ranking in force.", "RankingWeights"),
    route("post", "/v1/multi-search", "Find", "What a page shows at once, on one moment of the shop: searches, completions, recommendations.", "MultiSearchAnswer")
        .body(Body::Json("MultiSearchRequest")),
    route("get", "/v1/suggest", "Find", "Complete what is being typed.", "SuggestAnswer").params(&[
        text("q", "What has been typed."),
        number("limit", "Of each sort, 1 to 20; 8 when left out."),
        text("marketplace", "Whose prices hold."),
    ]),
    route(
        "get",
        "/v1/recommend/{kind}",
        "Find",
        "Recommend products: similar, also_viewed, viewed_then_bought, also_bought, bought_together, complement, substitute, trending, popular, for_you, buy_again, next_order or like_shoppers.",
        "RecommendAnswer",
    )
    .params(RECOMMEND),
    route("post", "/v1/recommend", "Find", "Several carousels of one page, no product in two of them.", "CarouselsAnswer")
        .body(Body::Json("CarouselsRequest")),
    route("post", "/v1/products/{id}/audience", "Find", "Which of the named shoppers would want a product.", "AudienceAnswer")
        .body(Body::Json("AudienceRequest")),
    route("get", "/v1/analytics/queries", "Find", "What shoppers search for, and what it led to.", "QueriesAnswer").params(&[
        text("by", "top, zero_results, low_clicks or orders; top when left out."),
        number("window_days", "30 or 730; counts are decayed so that a steady rate fills so many days. 30 when left out."),
        number("limit", "1 to 500; 20 when left out."),
    ]),
    route("post", "/v1/events", "Find", "Tell what shoppers did: one event, or many as NDJSON.", "Tally")
        .body(Body::JsonOrLines("Event"))
        .status("202").keyable(),
    route("post", "/v1/products", "Catalogue", "Put one product, or many as NDJSON.", "ProductsPut").body(Body::JsonOrLines("Product")).keyable(),
    route("get", "/v1/products/{id}", "Catalogue", "A product's document; ETag is its revision.", "ProductShown")
        .params(&[flag("live", "Whether stock and live numbers are told beside the document, which needs analytics:read or inventory:read.")]),
    route("put", "/v1/products/{id}", "Catalogue", "Put a product.", "Written").body(Body::Json("Product")).keyable().conditional(),
    route("patch", "/v1/products/{id}", "Catalogue", "Change some fields (RFC 7396 merge patch).", "Written")
        .body(Body::Json("ProductPatch")).keyable().conditional(),
    route("delete", "/v1/products/{id}", "Catalogue", "Remove a product.", "").status("204").keyable().conditional(),
    route("get", "/v1/rules", "Merchandising", "Rules in the order of their names.", "Settings").params(PAGED),
    route("post", "/v1/rules", "Merchandising", "Put many rules.", "Tally").body(Body::Lines("SettingLine")).keyable(),
    route("post", "/v1/rules/preview", "Merchandising", "What a rule would do to a search, before it is switched on.", "RulePreview")
        .body(Body::Json("RulePreviewRequest")),
    route("get", "/v1/rules/{id}", "Merchandising", "A rule; ETag is its revision.", "Rule"),
    route("put", "/v1/rules/{id}", "Merchandising", "Put a rule; X-Actor says who does.", "SettingWritten")
        .body(Body::Json("Rule")).keyable().conditional(),
    route("delete", "/v1/rules/{id}", "Merchandising", "Remove a rule; its history stays.", "").status("204").keyable().conditional(),
    route("get", "/v1/rules/{id}/history", "Merchandising", "Who changed a rule, when, and to what.", "SettingHistory"),
    route("get", "/v1/synonyms", "Merchandising", "Synonyms in the order of their names.", "Settings").params(PAGED),
    route("post", "/v1/synonyms", "Merchandising", "Put many synonyms.", "Tally").body(Body::Lines("SettingLine")).keyable(),
    route("get", "/v1/synonyms/{id}", "Merchandising", "A synonym; ETag is its revision.", "Synonym"),
    route(
        "put",
        "/v1/synonyms/{id}",
        "Merchandising",
        "Put a synonym; X-Actor says who does.",
        "SettingWritten",
    )
    .body(Body::Json("Synonym"))
    .keyable()
    .conditional(),
    route("delete", "/v1/synonyms/{id}", "Merchandising", "Remove a synonym; its history stays.", "").status("204").keyable().conditional(),
    route("get", "/v1/synonyms/{id}/history", "Merchandising", "Who changed a synonym, when, and to what.", "SettingHistory"),
    route("get", "/v1/inventory", "Stock and orders", "The levels of a SKU.", "Levels").params(&[text("sku", "Which; required.")]),
    route("post", "/v1/inventory", "Stock and orders", "Change stock of a SKU at a location, or set many levels as NDJSON.", "StockWritten")
        .body(Body::JsonOrLines("InventoryChange"))
        .keyed(),
    route("get", "/v1/orders", "Stock and orders", "Orders by what they are, a page at a time.", "Orders").params(ORDERS),
    route("get", "/v1/orders/{id}", "Stock and orders", "An order.", "Order"),
    route("post", "/v1/orders/{id}/cancel", "Stock and orders", "Cancel an order that has not been shipped.", "Order")
        .body(Body::Optional("CancelRequest"))
        .keyed(),
    route("post", "/v1/orders/{id}/ship", "Stock and orders", "Ship units of an order, or all that is left.", "Order")
        .body(Body::Optional("ShipRequest"))
        .keyed(),
    route("post", "/v1/orders/{id}/deliver", "Stock and orders", "Tell that a shipment was handed over.", "Order")
        .body(Body::Optional("DeliverRequest"))
        .keyed(),
    route("post", "/v1/relations", "Index", "Count the relations between products anew and swap the exact tables in.", "Rebuilt").keyable(),
    route("post", "/v1/tastes", "Index", "Learn tastes anew from what shoppers did and take them up.", "TastesLearnt")
        .body(Body::Optional("LearnTastes"))
        .keyable(),
    route("post", "/v1/forecasts", "Stock and orders", "Learn anew from what was sold how much will be wanted, and take it up.", "ForecastsLearnt")
        .body(Body::Optional("LearnForecasts"))
        .keyable(),
    route("get", "/v1/generations", "Index", "The built generations, and which is live.", "Generations"),
    route("post", "/v1/generations", "Index", "Build a new generation beside the live one.", "Generation").status("201").keyable(),
    route("post", "/v1/generations/{id}/promote", "Index", "Make a generation the live one.", "Generation").keyable(),
    route("post", "/v1/generations/rollback", "Index", "Return to the generation that was live before.", "Generation").keyable(),
    route("get", "/v1/stats", "Operate", "A few numbers for people.", "Stats"),
    route("get", "/healthz", "Operate", "The process answers.", "Health"),
    route("get", "/readyz", "Operate", "Requests should be sent here.", "Health"),
    route("get", "/metrics", "Operate", "All numbers for Prometheus.", "text"),
    route("get", "/openapi.json", "Operate", "This description.", "OpenApi"),
];
