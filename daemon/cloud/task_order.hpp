#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What the changing APIs are told, checked before anything is sent. Values that exist are good.
namespace replmond::cloud {

/// The name of the task that a request is about; never empty. A delete without one is accepted by the SDKs'
/// models, and nobody knows what the cloud deletes then: so there is no such value.
class task_name {
public:
    /// Nothing where the text is empty, only blanks and controls, or no valid UTF-8.
    static std::optional<task_name> from(std::string text);

    // Copied where others are moved: what was moved from would be empty.
    task_name(const task_name&) = default;
    task_name& operator=(const task_name&) = default;
    ~task_name() = default;

    const std::string& text() const { return text_; }

private:
    explicit task_name(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

/// Why a field of an order cannot be sent.
struct order_mistake {
    std::string field;   ///< the API's name of it
    std::string allowed; ///< "expected 3 to 128 letters, digits or underscores"
    std::string value;

    bool operator==(const order_mistake&) const = default;
};

/// The body of CreateStarRocksDataReplication.
class create_order {
public:
    struct fields {
        std::string source_instance_id; ///< TaurusDB's: 36 letters and digits
        std::string source_database;    ///< 3 to 1,024 of [A-Za-z0-9_]
        std::string target_database;    ///< 3 to 128, as is
        std::string task_name;
        std::optional<std::string> source_node_id; ///< 36 letters and digits; none: the primary node
    };

    /// The order, or every mistake in it.
    static std::variant<create_order, std::vector<order_mistake>> from(fields texts);

    create_order(const create_order&) = default;
    create_order& operator=(const create_order&) = default;
    ~create_order() = default;

    const std::string& name() const { return fields_.task_name; }
    std::string body() const; ///< JSON

private:
    explicit create_order(fields texts) : fields_(std::move(texts)) {}
    fields fields_;
};

/// `{"task_name": …}`: the body of pause, resume and delete.
std::string named_body(const task_name& name);

} // namespace replmond::cloud
