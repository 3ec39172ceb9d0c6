##! Names and versions out of what software says of itself: "Apache/2.0.63 (Unix)", user agents, and
##! so on. There is no grammar; the rules here follow what is seen in the wild.

@load base/utils/numbers
@load base/utils/patterns
@load ./main

module Software;

# A version number with the separator before it: two or more of digits, dots and the like.
const number_in_text = /([\/\-_]|( [\(v]+))?[0-9\-\._, ]{2,}/;
const separator_at_end = /([\/\-_]|( [\(v]+))$/;

# What stands before the number, without separator and opening bracket.
function clean_name(text: string): string {
    local name = text;

    if (separator_at_end in name)
        name = strip(sub(name, /([\/\-_]|( [\(v]+))/, ""));

    if (starts_with(name, "("))
        name = sub(name, /\(/, "");

    return strip(name);
}

function set_numbers(v: Version, parts: string_vec) {
    if (|parts| > 0 && parts[0] != "")
        v$major = extract_count(parts[0]);

    if (|parts| > 1 && parts[1] != "")
        v$minor = extract_count(parts[1]);

    if (|parts| > 2 && parts[2] != "")
        v$minor2 = extract_count(parts[2]);

    if (|parts| > 3 && parts[3] != "")
        v$minor3 = extract_count(parts[3]);
}

# What follows the number: the contents of a bracket, else the first word. Empty for nothing.
function addition_in(text: string): string {
    if (text == "" || text == ")")
        return "";

    if (/^[[:blank:]]*\([a-zA-Z0-9\-\._[:blank:]]*\)/ in text)
        return split_string_n(text, /[\(\)]/, F, 2)[1];

    local words = split_string_n(text, /[\-\._,;\[\]\(\)\{\} ]/, F, 3);

    for (i, word in words) {
        if (i > 2)
            break;

        if (word != "")
            return strip(word);
    }

    return strip(text);
}

function parse_numbered(unparsed_version: string): Description {
    # Some loggers write bytes as \xff, some clients as %ff.
    local text = unescape_URI(gsub(unparsed_version, /\\x/, "%"));
    local pieces = split_string_n(text, number_in_text, T, 1);
    local v = Version();

    if (|pieces| > 1) {
        local number = strip(pieces[1]);

        if (/^[\/\-\._v\(]/ in number)
            number = strip(sub(number, /^[\/\-\._v\(]/, ""));

        local parts = split_string_n(number, /[\-\._,\[\(\{ ]/, F, 3);
        set_numbers(v, parts);

        # A fifth part is no number any more.
        local addition = |parts| > 4 && parts[4] != "" ? strip(parts[4])
            : |pieces| > 2 ? addition_in(pieces[2]) : "";

        if (addition != "")
            v$addl = addition;
    }

    return Description($name=alternate_names[clean_name(pieces[0])], $version=v,
        $unparsed_version=unparsed_version);
}

# --- Browsers ------------------------------------------------------------------------------------

# All of them claim to be each other. The first rule whose `sign` matches decides; the version is
# parsed from what `number` matches. Without `name`, that holds the name as well.
type BrowserRule: record {
    sign: pattern;
    name: string &optional;
    number: pattern;
};

const browser_rules: vector of BrowserRule = {
    BrowserRule($sign=/Opera [0-9\.]*$/, $name="Opera", $number=/Opera [0-9\.]*$/),
    BrowserRule($sign=/ MSIE |Trident\//, $name="MSIE", $number=/MSIE [0-9]{1,2}\.*[0-9]*b?[0-9]*/),
    BrowserRule($sign=/Edge\//, $name="Edge", $number=/Edge\/[0-9\.]*/),
    BrowserRule($sign=/Version\/.*Safari\//, $name="Safari", $number=/Version\/[0-9\.]*/),
    BrowserRule($sign=/(Firefox|Netscape|Thunderbird)\/[0-9\.]*/,
        $number=/(Firefox|Netscape|Thunderbird)\/[0-9\.]*/),
    BrowserRule($sign=/Chrome\/.*Safari\//, $name="Chrome", $number=/Chrome\/[0-9\.]*/),
    BrowserRule($sign=/^Opera\/.*Opera Mini\//, $name="Opera Mini", $number=/Version\/[0-9\.]*|Opera Mini\/[0-9\.]*/),
    BrowserRule($sign=/^Opera\/.*Opera Mobi\//, $name="Opera Mobi", $number=/Version\/[0-9\.]*/),
    BrowserRule($sign=/^Opera\//, $name="Opera", $number=/Version\/[0-9\.]*/),
    BrowserRule($sign=/Flash%20Player/, $name="Flash", $number=/[\/ ].*/),
    BrowserRule($sign=/AdobeAIR\/[0-9\.]*/, $name="AdobeAIR", $number=/AdobeAIR\/[0-9\.]*/),
    BrowserRule($sign=/AppleWebKit\/[0-9\.]*/, $name="Unspecified WebKit", $number=/AppleWebKit\/[0-9\.]*/),
    BrowserRule($sign=/ Java\/[0-9]\./, $name="Java", $number=/Java\/[0-9\._]*/),
};

# Internet Explorer hides its version in compatibility mode, but not that of its engine.
const trident_versions: table[string] of count = {
    ["4.0"] = 8, ["5.0"] = 9, ["6.0"] = 10, ["7.0"] = 11,
};

function trident_version(text: string): Version {
    local match = match_pattern(text, /Trident\/[4-7]\.0/);

    return match$matched ? Version($major=trident_versions[match$str[8:]], $minor=0) : Version();
}

function first_match(text: string, p: pattern): string {
    return match_pattern(text, p)$str;
}

function parse_browser(unparsed_version: string): Description {
    local result = Description($name="<unknown browser>", $version=Version(),
        $unparsed_version=unparsed_version);

    for (_, rule in browser_rules) {
        if (rule$sign !in unparsed_version)
            next;

        local number = first_match(unparsed_version, rule$number);

        # Opera Mini has an own number and, in later versions, one of Opera's that counts.
        if (rule?$name && rule$name == "Opera Mini" && /Version\// in unparsed_version)
            number = first_match(unparsed_version, /Version\/[0-9\.]*/);

        local inner = parse_numbered(number);
        result$name = rule?$name ? rule$name : inner$name;

        if (number != "")
            result$version = inner$version;

        if (result$name == "MSIE" && trident_version(unparsed_version)?$major)
            result$version = trident_version(unparsed_version);

        if (result$name == "Safari" && / Mobile\/?.* Safari/ in unparsed_version)
            result$version$addl = "Mobile";

        break;
    }

    return result;
}

# "A/8.0.0/Google/Pixel...": the version is the second part, perhaps just one number.
function parse_pixel(unparsed_version: string): Description {
    local release = split_string(unparsed_version, /\//)[1];

    return Description($name="Android (Google Pixel)", $unparsed_version=unparsed_version,
        $version="." in release ? parse_numbered(release)$version : Version($major=extract_count(release)));
}

function parse(unparsed_version: string): Description {
    if (/^(Mozilla|Opera)\/[0-9]+\./ in unparsed_version)
        return parse_browser(unparsed_version);

    if (/A\/[0-9\.]*\/Google\/Pixel/ in unparsed_version)
        return parse_pixel(unparsed_version);

    return parse_numbered(unparsed_version);
}
