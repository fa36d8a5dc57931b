#pragma once

#include "daemon/core/config/keys.hpp"
#include "daemon/core/config/problem.hpp"
#include "daemon/core/config/settings.hpp"
#include "daemon/core/config/yaml_tree.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::config {

/// The mistakes and warnings that were found in a document. Reading goes on after a mistake, so that all
/// mistakes are reported at once.
struct findings {
    std::vector<problem> problems;
    std::vector<std::string> warnings;
};

struct yaml_entry;

/// A value of the document with its path for messages (`projects[0].auth`). Unless it says otherwise, every
/// function that reads the value reports a mistake and returns nothing if the value is not what it expects.
/// It keeps a reference to the findings, which must outlive it.
class yaml_place {
public:
    /// `node` must not be null. `path`: for messages; empty for the root.
    yaml_place(yaml_pointer node, position at, std::string path, findings& out);

    /// A copy whose messages, and those of the values below it, do not show the text: for secrets and the
    /// keys beside them.
    [[nodiscard]] yaml_place without_text() const;

    [[nodiscard]] position at() const { return at_; } ///< of the value, or of its key if there is no value
    [[nodiscard]] bool is_null() const { return node_->what == yaml_node::kind::null; }

    [[nodiscard]] bool is_map() const { return node_->what == yaml_node::kind::map; }

    [[nodiscard]] bool says(std::string_view text) const; ///< true for a scalar with this text

    /// The value of a key; nothing if there is no such key, which is not reported.
    [[nodiscard]] std::optional<yaml_place> member(std::string_view key) const;

    // Report a mistake or a warning.

    void report(std::string_view message) const { complain_at(at_, message); }
    void complain_at(position where, std::string_view message) const;
    void warn(std::string_view message) const;

    /// Reports `expected <what>, got "abc"`.
    void report_expected(std::string_view what) const;

    /// The same for a word that is not one of `known`; adds `did you mean` if one of them is similar.
    void complain_unknown(std::string_view what, const std::vector<std::string_view>& known) const;

    /// Any scalar as it is written, also numbers and booleans. Control characters are refused.
    [[nodiscard]] std::optional<std::string> text() const;
    /// As raw_text(), but reports nothing.
    [[nodiscard]] std::optional<std::string> scalar() const;
    /// As text(), but accepts control characters, for texts that are checked elsewhere.
    [[nodiscard]] std::optional<std::string> raw_text() const;
    [[nodiscard]] std::optional<std::chrono::milliseconds> duration(const duration_range& range) const;
    /// Unquoted decimal digits without leading zeros.
    [[nodiscard]] std::optional<int> integer(const integer_range& range) const;
    /// Unquoted `true` or `false`.
    [[nodiscard]] std::optional<bool> boolean() const;

    /// The items of a list. Empty, after reporting a mistake, if the value is not a list.
    [[nodiscard]] std::vector<yaml_place> items() const;
    /// The entries of a map in the order written, the first one of each key; duplicate keys are reported.
    [[nodiscard]] std::vector<yaml_entry> entries() const;

    /// A key for a message: quoted, or only the word "key" if the text might contain a secret.
    [[nodiscard]] std::string shown_key(std::string_view key) const;

private:
    /// How much of a scalar a message shows: nothing, the text if it is a plain word, or the text. Of lists
    /// and maps only the kind is shown.
    enum class shown { shape, words, text };

    [[nodiscard]] std::string got(shown what) const;
    [[nodiscard]] yaml_place child(const yaml_member& member) const;

    yaml_pointer node_; ///< never null
    position at_;
    std::string path_;
    findings* out_;
    bool discreet_ = false;
};

/// A key of a map and its value.
struct yaml_entry {
    std::string key;
    position at; ///< of the key
    yaml_place value;
};

/// The entries of a map. If `allowed` or a section is given, other keys are reported and removed.
class yaml_map {
public:
    explicit yaml_map(const yaml_place& place);
    yaml_map(const yaml_place& place, const std::vector<std::string_view>& allowed);
    /// `section` must outlive it; the tables of keys do.
    yaml_map(const yaml_place& place, const key_section& section);
    yaml_map(const yaml_place&, key_section&&) = delete;
    /// The same, but no key is reported yet: what is allowed depends on a value. allow_only() has to follow.
    static yaml_map with_any_key(const yaml_place& place, const key_section& section);

    /// Removes all other keys and reports them. `condition`: when the list applies, for the message, such as
    /// " with type aksk".
    void allow_only(const std::vector<std::string_view>& allowed, std::string_view condition);

    // Null if the map has no such key.
    [[nodiscard]] const yaml_entry* find(std::string_view key) const;
    [[nodiscard]] const yaml_place* value(std::string_view key) const;
    [[nodiscard]] const yaml_place* section(std::string_view key) const; ///< null also if the value is null
    [[nodiscard]] const yaml_place* require(std::string_view key) const; ///< reports a missing key

    /// The row of a key. Only for maps that were made with a section.
    [[nodiscard]] const config_key& row(std::string_view key) const { return section_->at(key); }

    [[nodiscard]] const yaml_place& place() const { return place_; }
    /// In the order written.
    [[nodiscard]] const std::vector<yaml_entry>& entries() const { return entries_; }

private:
    yaml_place place_;
    const key_section* section_ = nullptr;
    std::vector<yaml_entry> entries_;
};

// Each sets `target` to the value of the key. `target` keeps its value if the key is missing or its value is
// wrong. Ranges come from the section that the map was made with.
void read_into(const yaml_map& map, std::string_view key, std::chrono::milliseconds& target);
void read_into(const yaml_map& map, std::string_view key, std::optional<std::chrono::milliseconds>& target);
void read_into(const yaml_map& map, std::string_view key, int& target);
void read_into(const yaml_map& map, std::string_view key, bool& target);

/// One of the words that the section allows for the key. Nothing if the key is missing or has another value,
/// which is reported.
std::optional<std::string_view> read_choice(const yaml_map& map, std::string_view key);

} // namespace replmond::config
