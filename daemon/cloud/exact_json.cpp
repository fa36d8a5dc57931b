#include "daemon/cloud/exact_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value_stack.hpp>

#include <charconv>
#include <cstdint>
#include <utility>

namespace replmond::cloud {
namespace {

namespace json = boost::json;

// The whole text is there at once, so that every number comes in one piece.
struct value_builder {
    static constexpr std::size_t max_object_size = json::object::max_size();
    static constexpr std::size_t max_array_size = json::array::max_size();
    static constexpr std::size_t max_key_size = json::string::max_size();
    static constexpr std::size_t max_string_size = json::string::max_size();
    using error = json::error_code;

    json::value_stack built;

    bool on_document_begin(error&) { return true; }
    bool on_document_end(error&) { return true; }
    bool on_object_begin(error&) { return true; }
    bool on_object_end(std::size_t members, error&) {
        built.push_object(members);
        return true;
    }
    bool on_array_begin(error&) { return true; }
    bool on_array_end(std::size_t elements, error&) {
        built.push_array(elements);
        return true;
    }
    bool on_key_part(json::string_view part, std::size_t, error&) {
        built.push_chars(part);
        return true;
    }
    bool on_key(json::string_view last, std::size_t, error&) {
        built.push_key(last);
        return true;
    }
    bool on_string_part(json::string_view part, std::size_t, error&) {
        built.push_chars(part);
        return true;
    }
    bool on_string(json::string_view last, std::size_t, error&) {
        built.push_string(last);
        return true;
    }
    bool on_number_part(json::string_view, error&) { return true; }
    bool on_int64(std::int64_t number, json::string_view, error&) {
        built.push_int64(number);
        return true;
    }
    bool on_uint64(std::uint64_t number, json::string_view, error&) {
        built.push_uint64(number);
        return true;
    }
    bool on_double(double number, json::string_view digits, error&) {
        // out of a double's range it stays what it is: infinite or 0
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
        built.push_double(number);
        return true;
    }
    bool on_bool(bool value, error&) {
        built.push_bool(value);
        return true;
    }
    bool on_null(error&) {
        built.push_null();
        return true;
    }
    bool on_comment_part(json::string_view, error&) { return true; }
    bool on_comment(json::string_view, error&) { return true; }
};

} // namespace

json::value parse_exactly(std::string_view text, json::error_code& error, json::storage_ptr storage) {
    json::basic_parser<value_builder> parser{json::parse_options()};
    json::value_stack& built = parser.handler().built;
    built.reset(std::move(storage));
    const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
    if (!error && used < text.size())
        error = json::error::extra_data;
    return error ? json::value() : built.release();
}

} // namespace replmond::cloud
