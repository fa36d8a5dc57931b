#pragma once

#include "daemon/core/config/problem.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// YAML text as a tree of values with positions. Built from yaml-cpp's events rather than its Node: a Node
/// keeps the first of duplicate keys without a word, and its depth is bounded by the stack alone.
namespace replmond::config {

struct yaml_node;
using yaml_pointer = std::shared_ptr<const yaml_node>; ///< shared only by aliases (`*name`)

struct yaml_member {
    std::string key;
    position at; ///< of the key
    yaml_pointer value;
};

struct yaml_node {
    enum class kind { null, scalar, sequence, map };

    kind what = kind::null;
    position at;
    bool is_quoted = false; ///< a scalar that is text whatever it looks like
    std::string text;       ///< of a scalar
    std::vector<yaml_pointer> items;
    std::vector<yaml_member> members; ///< as written, duplicates included
};

struct yaml_outcome {
    yaml_pointer root;             ///< none where the document is empty or the text could not be read
    std::vector<problem> problems; ///< never show what the text says, which may be a secret
};

constexpr std::size_t largest_yaml = 1024 * 1024; ///< bytes
constexpr std::size_t deepest_yaml = 32;          ///< sequences and maps inside one another

/// Reads one YAML document. Refused: ill-formed UTF-8, control characters, text over `largest_yaml`, nesting
/// over `deepest_yaml`, a second document, tags, keys that are no scalars. Throws nothing but bad_alloc.
yaml_outcome parse_yaml(std::string_view text);

} // namespace replmond::config
