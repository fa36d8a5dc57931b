#pragma once

#include "tests/support/exchange.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace replmond::simulator {

struct page_request {
    std::size_t limit = 100;
    std::size_t offset = 0; // counts records
};

/// `limit` from 1 to 100 and `offset` from 0; the refusal where one is wrong.
std::variant<page_request, testing::script> read_page(const testing::request& request);

/// The body as a JSON object; nothing where it is none.
std::optional<boost::json::object> read_body(const testing::request& request);

/// A member that is a text; nothing where it is absent or something else.
std::optional<std::string> text_member(const boost::json::object& body, std::string_view key);

/// From 3 to `longest` letters, digits and underscores.
bool is_name(std::string_view text, std::size_t longest);

/// 36 letters and digits.
bool is_instance_id(std::string_view text);

} // namespace replmond::simulator
