#pragma once

#include "daemon/core/config/problem.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// YAML text as a tree of values with positions. It is built from the events of yaml-cpp's parser and not
/// from YAML::Node, because YAML::Node silently keeps the first of duplicate keys and has no limit for the
/// depth but the stack.
namespace replmond::config {

struct yaml_node;
using yaml_pointer = std::shared_ptr<const yaml_node>; ///< shared only by aliases (`*name`)

/// A key of a map and its value.
struct yaml_member {
    std::string key;
    position at; ///< of the key
    yaml_pointer value;
};

/// A value of the document.
struct yaml_node {
    enum class kind { null, scalar, sequence, map };

    kind what = kind::null;
    position at;
    bool is_quoted = false; ///< a quoted or block scalar: text, even if it looks like a number or a boolean
    std::string text;       ///< of a scalar
    std::vector<yaml_pointer> items;  ///< of a sequence
    std::vector<yaml_member> members; ///< of a map, in the order written, duplicates included
};

/// The result of parsing a document.
struct yaml_outcome {
    yaml_pointer root;             ///< null if the document is empty or could not be parsed
    std::vector<problem> problems; ///< the messages contain nothing of the text, which may have secrets
};

constexpr std::size_t largest_yaml = 1024 * 1024; ///< bytes
constexpr std::size_t deepest_yaml = 32;          ///< levels of nested sequences and maps

/// Parses one YAML document. Refused: ill-formed UTF-8, control characters, more than `largest_yaml` bytes,
/// more than `deepest_yaml` levels, a second document, tags, keys that are not scalars. Throws only
/// bad_alloc.
yaml_outcome parse_yaml(std::string_view text);

} // namespace replmond::config
