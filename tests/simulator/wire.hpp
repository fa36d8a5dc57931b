#pragma once

#include "tests/simulator/scenario.hpp"
#include "tests/simulator/world.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <span>

namespace replmond::simulator {

/// The list API's answer: these records of a list of `total`, in the given form.
boost::json::object list_body(std::span<const listed_task> page, std::size_t total, wire_form form);

} // namespace replmond::simulator
