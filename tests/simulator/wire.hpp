#pragma once

#include "tests/simulator/wire_form.hpp"
#include "tests/simulator/world.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <optional>
#include <span>

namespace replmond::simulator {

/// The list API's answer: these records, in the given form, after a `total_count` where there is one.
boost::json::object list_body(std::span<const listed_task> page,
                              const std::optional<boost::json::value>& total, const wire_form& form);

/// A count as `total_count` shows it; nothing where the form has none.
std::optional<boost::json::value> count_value(std::size_t count, const wire_form& form);

} // namespace replmond::simulator
