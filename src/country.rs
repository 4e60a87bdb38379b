//! Countries as people and platforms write them, and the two letters that are kept (ISO 3166-1 alpha-2).
//!
//! The Universal Commerce Protocol wants two letters and lets platforms write three, or a name in English, "for backward compatibility".

/// Three letters, two letters, a name in English. The last is no country of ISO 3166, but goods are sent there under this code.
const COUNTRIES: &str = "\
    ABW AW Aruba; AFG AF Afghanistan; AGO AO Angola; AIA AI Anguilla; ALA AX Åland Islands; ALB AL Albania; AND AD Andorra; \
    ARE AE United Arab Emirates; ARG AR Argentina; ARM AM Armenia; ASM AS American Samoa; ATA AQ Antarctica; ATF TF French Southern Territories; \
    ATG AG Antigua and Barbuda; AUS AU Australia; AUT AT Austria; AZE AZ Azerbaijan; BDI BI Burundi; BEL BE Belgium; BEN BJ Benin; BES BQ Bonaire; \
    BFA BF Burkina Faso; BGD BD Bangladesh; BGR BG Bulgaria; BHR BH Bahrain; BHS BS Bahamas; BIH BA Bosnia and Herzegovina; \
    BLM BL Saint Barthélemy; BLR BY Belarus; BLZ BZ Belize; BMU BM Bermuda; BOL BO Bolivia; BRA BR Brazil; BRB BB Barbados; BRN BN Brunei; \
    BTN BT Bhutan; BVT BV Bouvet Island; BWA BW Botswana; CAF CF Central African Republic; CAN CA Canada; CCK CC Cocos Islands; \
    CHE CH Switzerland; CHL CL Chile; CHN CN China; CIV CI Côte d'Ivoire; CMR CM Cameroon; COD CD Democratic Republic of the Congo; COG CG Congo; \
    COK CK Cook Islands; COL CO Colombia; COM KM Comoros; CPV CV Cabo Verde; CRI CR Costa Rica; CUB CU Cuba; CUW CW Curaçao; \
    CXR CX Christmas Island; CYM KY Cayman Islands; CYP CY Cyprus; CZE CZ Czechia; DEU DE Germany; DJI DJ Djibouti; DMA DM Dominica; \
    DNK DK Denmark; DOM DO Dominican Republic; DZA DZ Algeria; ECU EC Ecuador; EGY EG Egypt; ERI ER Eritrea; ESH EH Western Sahara; ESP ES Spain; \
    EST EE Estonia; ETH ET Ethiopia; FIN FI Finland; FJI FJ Fiji; FLK FK Falkland Islands; FRA FR France; FRO FO Faroe Islands; FSM FM Micronesia; \
    GAB GA Gabon; GBR GB United Kingdom; GEO GE Georgia; GGY GG Guernsey; GHA GH Ghana; GIB GI Gibraltar; GIN GN Guinea; GLP GP Guadeloupe; \
    GMB GM Gambia; GNB GW Guinea-Bissau; GNQ GQ Equatorial Guinea; GRC GR Greece; GRD GD Grenada; GRL GL Greenland; GTM GT Guatemala; \
    GUF GF French Guiana; GUM GU Guam; GUY GY Guyana; HKG HK Hong Kong; HMD HM Heard Island and McDonald Islands; HND HN Honduras; HRV HR Croatia; \
    HTI HT Haiti; HUN HU Hungary; IDN ID Indonesia; IMN IM Isle of Man; IND IN India; IOT IO British Indian Ocean Territory; IRL IE Ireland; \
    IRN IR Iran; IRQ IQ Iraq; ISL IS Iceland; ISR IL Israel; ITA IT Italy; JAM JM Jamaica; JEY JE Jersey; JOR JO Jordan; JPN JP Japan; \
    KAZ KZ Kazakhstan; KEN KE Kenya; KGZ KG Kyrgyzstan; KHM KH Cambodia; KIR KI Kiribati; KNA KN Saint Kitts and Nevis; KOR KR South Korea; \
    KWT KW Kuwait; LAO LA Laos; LBN LB Lebanon; LBR LR Liberia; LBY LY Libya; LCA LC Saint Lucia; LIE LI Liechtenstein; LKA LK Sri Lanka; \
    LSO LS Lesotho; LTU LT Lithuania; LUX LU Luxembourg; LVA LV Latvia; MAC MO Macao; MAF MF Saint Martin; MAR MA Morocco; MCO MC Monaco; \
    MDA MD Moldova; MDG MG Madagascar; MDV MV Maldives; MEX MX Mexico; MHL MH Marshall Islands; MKD MK North Macedonia; MLI ML Mali; MLT MT Malta; \
    MMR MM Myanmar; MNE ME Montenegro; MNG MN Mongolia; MNP MP Northern Mariana Islands; MOZ MZ Mozambique; MRT MR Mauritania; MSR MS Montserrat; \
    MTQ MQ Martinique; MUS MU Mauritius; MWI MW Malawi; MYS MY Malaysia; MYT YT Mayotte; NAM NA Namibia; NCL NC New Caledonia; NER NE Niger; \
    NFK NF Norfolk Island; NGA NG Nigeria; NIC NI Nicaragua; NIU NU Niue; NLD NL Netherlands; NOR NO Norway; NPL NP Nepal; NRU NR Nauru; \
    NZL NZ New Zealand; OMN OM Oman; PAK PK Pakistan; PAN PA Panama; PCN PN Pitcairn; PER PE Peru; PHL PH Philippines; PLW PW Palau; \
    PNG PG Papua New Guinea; POL PL Poland; PRI PR Puerto Rico; PRK KP North Korea; PRT PT Portugal; PRY PY Paraguay; PSE PS Palestine; \
    PYF PF French Polynesia; QAT QA Qatar; REU RE Réunion; ROU RO Romania; RUS RU Russia; RWA RW Rwanda; SAU SA Saudi Arabia; SDN SD Sudan; \
    SEN SN Senegal; SGP SG Singapore; SGS GS South Georgia and the South Sandwich Islands; SHN SH Saint Helena; SJM SJ Svalbard and Jan Mayen; \
    SLB SB Solomon Islands; SLE SL Sierra Leone; SLV SV El Salvador; SMR SM San Marino; SOM SO Somalia; SPM PM Saint Pierre and Miquelon; \
    SRB RS Serbia; SSD SS South Sudan; STP ST Sao Tome and Principe; SUR SR Suriname; SVK SK Slovakia; SVN SI Slovenia; SWE SE Sweden; \
    SWZ SZ Eswatini; SXM SX Sint Maarten; SYC SC Seychelles; SYR SY Syria; TCA TC Turks and Caicos Islands; TCD TD Chad; TGO TG Togo; \
    THA TH Thailand; TJK TJ Tajikistan; TKL TK Tokelau; TKM TM Turkmenistan; TLS TL Timor-Leste; TON TO Tonga; TTO TT Trinidad and Tobago; \
    TUN TN Tunisia; TUR TR Turkey; TUV TV Tuvalu; TWN TW Taiwan; TZA TZ Tanzania; UGA UG Uganda; UKR UA Ukraine; \
    UMI UM United States Minor Outlying Islands; URY UY Uruguay; USA US United States; UZB UZ Uzbekistan; VAT VA Vatican City; \
    VCT VC Saint Vincent and the Grenadines; VEN VE Venezuela; VGB VG British Virgin Islands; VIR VI U.S. Virgin Islands; VNM VN Vietnam; \
    VUT VU Vanuatu; WLF WF Wallis and Futuna; WSM WS Samoa; YEM YE Yemen; ZAF ZA South Africa; ZMB ZM Zambia; ZWE ZW Zimbabwe; XKX XK Kosovo";

/// Other names that are used.
const NAMES: &str = "\
    US United States of America; US USA; GB UK; GB Great Britain; GB United Kingdom of Great Britain and Northern Ireland; GB England; \
    GB Scotland; GB Wales; GB Northern Ireland; RU Russian Federation; BN Brunei Darussalam; TR Türkiye; CZ Czech Republic; CI Ivory Coast; \
    KR Republic of Korea; KR Korea; MD Republic of Moldova; NL The Netherlands; NL Holland; MK Macedonia; SZ Swaziland; CV Cape Verde; MM Burma; \
    VN Viet Nam; LA Lao People's Democratic Republic; SY Syrian Arab Republic; BO Plurinational State of Bolivia; \
    VE Bolivarian Republic of Venezuela; TZ United Republic of Tanzania; IR Islamic Republic of Iran; VA Holy See; CN People's Republic of China; \
    IE Republic of Ireland; TL East Timor; MO Macau; XK Kosovo";

fn rows() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let row = |row: &'static str| row.split_once(' ').and_then(|(three, rest)| rest.split_once(' ').map(|(two, name)| (three, two, name)));
    COUNTRIES.split("; ").filter_map(row)
}

fn same(left: &str, right: &str) -> bool {
    left.len() == right.len() && left.to_lowercase() == right.to_lowercase()
}

/// Whether these are the two letters of a country, in capitals or not.
#[must_use]
pub fn is_code(text: &str) -> bool {
    rows().any(|(_, two, _)| two.eq_ignore_ascii_case(text))
}

/// Whether these are the two letters of a country in capitals.
#[must_use]
pub fn is_code_in_capitals(text: &str) -> bool {
    rows().any(|(_, two, _)| two == text)
}

/// The two letters of the country that is written so: in two letters, in three, or by its name in English; none for anything else.
#[must_use]
pub fn code_of(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let is_meant = |name: &str| same(name, text);
    let of_country = rows().find(|(three, two, name)| is_meant(two) || is_meant(three) || is_meant(name));
    let of_name = || NAMES.split("; ").filter_map(|row| row.split_once(' ')).find(|(_, name)| is_meant(name));
    of_country.map(|(_, two, _)| two).or_else(|| of_name().map(|(two, _)| two))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_country_is_known_by_two_letters_three_or_its_name() {
        let check = |text: &str, country: Option<&str>| assert_eq!(code_of(text), country, "{text}");
        check("USA", Some("US"));
        check("deu", Some("DE"));
        check("AFG", Some("AF"));
        check("US", Some("US"));
        check(" be ", Some("BE"));
        check("Germany", Some("DE"));
        check("singapore", Some("SG"));
        check("United States of America", Some("US"));
        check("UK", Some("GB"));
        check("CÔTE D'IVOIRE", Some("CI"));
        check("Kosovo", Some("XK"));
        check("XYZ", None);
        check("XX", None);
        check("Germ", None);
        check("", None);
    }

    #[test]
    fn a_code_is_one_of_a_country() {
        let codes = ["DE", "us", "XK"];
        assert!(codes.into_iter().all(is_code));
        let others = ["", "XX", "UK", "DEU", "Germany", "D"];
        assert!(!others.into_iter().any(is_code));
        assert!(is_code_in_capitals("DE") && !["de", "UK", "Germany"].into_iter().any(is_code_in_capitals));
    }

    #[test]
    fn every_country_stands_there_once() {
        assert_eq!(rows().count(), COUNTRIES.split("; ").count());
        let is_row = |(three, two, _): (&str, &str, &str)| three.len() == 3 && two.len() == 2;
        assert!(rows().all(is_row));
        let count = |part: fn((&'static str, &'static str, &'static str)) -> &'static str| rows().map(part).collect::<BTreeSet<_>>().len();
        assert_eq!([rows().count(), count(|row| row.0), count(|row| row.1), count(|row| row.2)], [250; 4]);
        assert!(NAMES.split("; ").all(|row| row.split_once(' ').is_some_and(|(two, _)| is_code(two))));
    }
}
