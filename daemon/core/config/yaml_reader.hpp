#pragma once

#include "daemon/core/config/problem.hpp"
#include "daemon/core/config/settings.hpp"
#include "daemon/core/config/yaml_tree.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::config {

/// What reading a document brings to light. Reading goes on after a mistake, so that all are told at once.
struct findings {
    std::vector<problem> problems;
    std::vector<std::string> warnings;
};

struct yaml_entry;

/// A value with the path that messages name it by (`projects[0].auth`). Every reading function complains and
/// returns nothing where the value is not what it expects. Holds a reference: the findings must outlive it.
class yaml_place {
public:
    yaml_place(yaml_pointer node, position at, std::string path, findings& out);

    /// The same, but nothing below shows what the text says: for secrets, and what stands beside them.
    [[nodiscard]] yaml_place discreet() const;

    [[nodiscard]] position at() const { return at_; } ///< of the value; of its key where it has none
    [[nodiscard]] bool is_null() const { return node_->what == yaml_node::kind::null; }

    [[nodiscard]] bool is_map() const { return node_->what == yaml_node::kind::map; }

    [[nodiscard]] bool says(std::string_view text) const; ///< is a scalar with this text

    /// The value of a key, without complaints: to look ahead, or back at what was read.
    [[nodiscard]] std::optional<yaml_place> member(std::string_view key) const;

    void complain(std::string_view message) const { complain_at(at_, message); }
    void complain_at(position where, std::string_view message) const;
    void warn(std::string_view message) const;

    /// `expected <what>, got "abc"`
    void complain_expected(std::string_view what) const;

    /// The same of a word that is none of `known`; says which of them was probably meant.
    void complain_unknown(std::string_view what, const std::vector<std::string_view>& known) const;

    /// Any scalar as it is written, numbers and booleans too. Control characters are refused.
    [[nodiscard]] std::optional<std::string> text() const;
    /// raw_text() without complaints.
    [[nodiscard]] std::optional<std::string> scalar() const;
    /// text() that may hold anything, for what is checked elsewhere.
    [[nodiscard]] std::optional<std::string> raw_text() const;
    [[nodiscard]] std::optional<std::chrono::milliseconds> duration(const duration_range& range) const;
    /// Unquoted decimal digits without leading zeros.
    [[nodiscard]] std::optional<int> integer(const integer_range& range) const;
    /// Unquoted `true` or `false`.
    [[nodiscard]] std::optional<bool> boolean() const;

    [[nodiscard]] std::vector<yaml_place> items() const;
    /// In the order written, the first of each key: the others are complained of.
    [[nodiscard]] std::vector<yaml_entry> entries() const;

    /// A key for a message: quoted, or a neutral word where it might be more than a key.
    [[nodiscard]] std::string shown_key(std::string_view key) const;

private:
    /// How much of a scalar a message shows; of lists and maps it shows only that.
    enum class shown { shape, words, text };

    [[nodiscard]] std::string got(shown what) const;
    [[nodiscard]] yaml_place child(const yaml_member& member) const;

    yaml_pointer node_; // never null
    position at_;
    std::string path_;
    findings* out_;
    bool discreet_ = false;
};

struct yaml_entry {
    std::string key;
    position at; ///< of the key
    yaml_place value;
};

/// A map with a fixed set of keys.
class yaml_map {
public:
    explicit yaml_map(const yaml_place& place);
    yaml_map(const yaml_place& place, const std::vector<std::string_view>& allowed);

    /// Drops all other keys and complains of them. `condition`, such as " with type aksk", tells when the
    /// list holds.
    void allow_only(const std::vector<std::string_view>& allowed, std::string_view condition);

    [[nodiscard]] const yaml_entry* find(std::string_view key) const; ///< none: not there
    [[nodiscard]] const yaml_place* value(std::string_view key) const;
    [[nodiscard]] const yaml_place* section(std::string_view key) const; ///< none also where it is null
    [[nodiscard]] const yaml_place* require(std::string_view key) const; ///< complains where it is not there

    [[nodiscard]] const yaml_place& place() const { return place_; }
    [[nodiscard]] const std::vector<yaml_entry>& entries() const {
        return entries_;
    } ///< in the order written

private:
    yaml_place place_;
    std::vector<yaml_entry> entries_;
};

// Each leaves `target` as it is where the key is not there or its value is wrong.
void read_into(const yaml_map& map, std::string_view key, const duration_range& range,
               std::chrono::milliseconds& target);
void read_into(const yaml_map& map, std::string_view key, const integer_range& range, int& target);
void read_into(const yaml_map& map, std::string_view key, bool& target);

} // namespace replmond::config
