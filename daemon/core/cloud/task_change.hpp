#pragma once

#include "daemon/core/http/message.hpp"
#include "daemon/core/model/failure.hpp"
#include "daemon/core/model/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The requests that change a task (create, pause, resume, delete; API.md, sections 2 and 3). Their values
/// are checked before anything is sent: an object of these types is always valid.
namespace replmond::cloud {

/// The name of the task that a request is about; never empty. The SDKs allow a delete without a name, and it
/// is not known what the cloud deletes then (API.md, section 3). So this type cannot be empty.
class task_name {
public:
    /// Nothing if the text is empty, consists of blanks and control characters only, or is not valid UTF-8.
    static std::optional<task_name> from(std::string text);

    // It has no move operations, because they would leave an empty name behind.
    task_name(const task_name&) = default;
    task_name& operator=(const task_name&) = default;
    ~task_name() = default;

    const std::string& text() const { return text_; }

private:
    explicit task_name(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

/// Why a field of a create request cannot be sent.
struct field_mistake {
    std::string field;   ///< the API's name of the field
    std::string allowed; ///< "expected 3 to 128 letters, digits or underscores"
    std::string value;

    bool operator==(const field_mistake&) const = default;
};

/// The body of CreateStarRocksDataReplication (API.md, section 2).
class create_request {
public:
    struct fields {
        std::string source_instance_id;            ///< of the TaurusDB instance: 36 letters and digits
        std::string source_database;               ///< 3 to 1,024 of [A-Za-z0-9_]
        std::string target_database;               ///< 3 to 128 of [A-Za-z0-9_]
        std::string task_name;                     ///< 3 to 128 of [A-Za-z0-9_]
        std::optional<std::string> source_node_id; ///< 36 letters and digits; nothing: the primary node
    };

    /// The request, or all mistakes in its fields.
    static std::variant<create_request, std::vector<field_mistake>> from(fields texts);

    create_request(const create_request&) = default;
    create_request& operator=(const create_request&) = default;
    ~create_request() = default;

    const std::string& name() const { return fields_.task_name; }
    std::string body() const; ///< JSON

private:
    explicit create_request(fields texts) : fields_(std::move(texts)) {}
    fields fields_;
};

/// `{"task_name": …}`: the body of pause, resume and delete.
std::string named_body(const task_name& name);

/// How a request that changes a task ended. A request that was sent but not answered may have had its effect,
/// so it is never sent again automatically.
struct change_outcome {
    enum class kind {
        accepted, ///< a 2xx
        refused,  ///< a 3xx or 4xx: nothing was changed
        not_sent, ///< no connection or no credential: nothing was changed
        unknown   ///< no answer, or a 5xx: the change may have been made
    };
    kind how = kind::not_sent;
    std::optional<std::string> job_id; ///< if accepted and the answer has one
    failure why;                       ///< if not accepted

    bool accepted() const { return how == kind::accepted; }

    /// A 409 that means "try again later": another operation runs on the instance. The codes are those after
    /// which the Terraform provider retries (API.md, section 4).
    bool busy() const;

    /// There is no such task: DBS.270022, or DBS.05000091 on delete (API.md, section 4).
    bool no_such_task() const;

    /// The state of the task does not allow the change: DBS.200086 (API.md, section 7), such as pausing a
    /// paused task.
    bool wrong_state() const;
};

/// The outcome of a request that was answered. `now`: as for failure_of().
change_outcome outcome_of(const http::http_response& answer, std::optional<timestamp> now = std::nullopt);

/// The outcome of a request that was not answered. `sent`: a part of it may have been sent.
change_outcome outcome_without_answer(failure why, bool sent);

} // namespace replmond::cloud
