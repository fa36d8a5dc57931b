#include "daemon/store/event_fields.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>

#include <cstdint>

namespace replmond::store {
namespace {

namespace json = boost::json;

// The parser's events, taken as they come: json::object would lose the numbers' digits and repeated keys.
struct field_reader {
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);
    using error = json::error_code;

    event_fields fields;
    std::string key;
    std::string pending; ///< what came so far of the text that is being read
    int depth = 0;

    bool add(field_value value, error& ec) {
        if (depth != 1)
            return refuse(ec);
        fields.emplace_back(std::move(key), std::move(value));
        key.clear();
        return true;
    }
    static bool refuse(error& ec) {
        ec = json::error::syntax;
        return false;
    }
    std::string take(json::string_view last) {
        pending.append(last.data(), last.size());
        return std::exchange(pending, {});
    }
    bool keep(json::string_view part) {
        pending.append(part.data(), part.size());
        return true;
    }

    bool on_document_begin(error&) { return true; }
    bool on_document_end(error&) { return true; }
    bool on_object_begin(error& ec) { return ++depth == 1 || refuse(ec); }
    bool on_object_end(std::size_t, error&) { return --depth == 0; }
    bool on_array_begin(error& ec) { return refuse(ec); }
    bool on_array_end(std::size_t, error&) { return true; }
    bool on_key_part(json::string_view part, std::size_t, error&) { return keep(part); }
    bool on_key(json::string_view last, std::size_t, error&) {
        key = take(last);
        return true;
    }
    bool on_string_part(json::string_view part, std::size_t, error&) { return keep(part); }
    bool on_string(json::string_view last, std::size_t, error& ec) { return add(take(last), ec); }
    bool on_number_part(json::string_view part, error&) { return keep(part); }
    bool on_int64(std::int64_t, json::string_view last, error& ec) { return add(decimal{take(last)}, ec); }
    bool on_uint64(std::uint64_t, json::string_view last, error& ec) { return add(decimal{take(last)}, ec); }
    bool on_double(double, json::string_view last, error& ec) { return add(decimal{take(last)}, ec); }
    bool on_bool(bool value, error& ec) { return add(value, ec); }
    bool on_null(error& ec) { return refuse(ec); }
    bool on_comment_part(json::string_view, error&) { return true; }
    bool on_comment(json::string_view, error&) { return true; }
};

void append_string(std::string& to, const std::string& text) {
    to += json::serialize(json::string_view(text.data(), text.size()));
}

} // namespace

std::string to_json(const event_fields& fields) {
    std::string text = "{";
    for (const auto& [key, value] : fields) {
        if (text.size() > 1)
            text += ',';
        append_string(text, key);
        text += ':';
        if (const auto* words = std::get_if<std::string>(&value))
            append_string(text, *words);
        else if (const auto* number = std::get_if<decimal>(&value))
            text += number->text;
        else
            text += std::get<bool>(value) ? "true" : "false";
    }
    return text + '}';
}

std::optional<event_fields> parse_fields(std::string_view text) {
    json::parse_options options;
    options.allow_invalid_utf8 = true;
    json::basic_parser<field_reader> parser(options);
    json::error_code error;
    const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
    if (error || used != text.size() || !parser.done())
        return std::nullopt;
    return std::move(parser.handler().fields);
}

} // namespace replmond::store
