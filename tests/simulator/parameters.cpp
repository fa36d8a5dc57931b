#include "tests/simulator/parameters.hpp"

#include "tests/simulator/errors.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace json = boost::json;
using replmond::testing::request;
using replmond::testing::script;

namespace replmond::simulator {
namespace {

constexpr std::int64_t largest_page = 100;

// A query parameter as a whole number; `otherwise` where it is absent, nothing where it is no number.
std::optional<std::int64_t> integer_parameter(const request& asked, std::string_view name,
                                              std::int64_t otherwise) {
    const auto text = asked.parameter(name);
    if (!text)
        return otherwise;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc{} || end != text->data() + text->size())
        return std::nullopt;
    return value;
}

} // namespace

std::variant<page_request, script> read_page(const request& asked) {
    const auto limit = integer_parameter(asked, "limit", largest_page);
    if (!limit || *limit < 1 || *limit > largest_page)
        return service_error(400, "DBS.280439", "The value of limit must be from 1 to 100.");
    const auto offset = integer_parameter(asked, "offset", 0);
    if (!offset || *offset < 0)
        return service_error(400, "DBS.280001", "Parameter error: offset must be an integer from 0.");
    return page_request{static_cast<std::size_t>(*limit), static_cast<std::size_t>(*offset)};
}

std::optional<json::object> read_body(const request& asked) {
    boost::system::error_code ec;
    json::value parsed = json::parse(asked.body, ec);
    if (ec || !parsed.is_object())
        return std::nullopt;
    return std::move(parsed.get_object());
}

std::optional<std::string> text_member(const json::object& body, std::string_view key) {
    const auto* value = body.if_contains(key);
    if (!value || !value->is_string())
        return std::nullopt;
    return std::string(value->get_string());
}

bool is_name(std::string_view text, std::size_t longest) {
    const auto allowed = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    return text.size() >= 3 && text.size() <= longest && std::all_of(text.begin(), text.end(), allowed);
}

bool is_instance_id(std::string_view text) {
    return text.size() == 36 && is_name(text, 36) && text.find('_') == std::string_view::npos;
}

} // namespace replmond::simulator
