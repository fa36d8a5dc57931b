// What the log says of a credential: refused, accepted, ended.
#include "daemon/cloud/credential_events.hpp"

#include <utility>

namespace replmond::cloud {
namespace {

event of_project(const std::string& project, const char* name, severity level, std::string message,
                 timestamp now) {
    event e;
    e.name = name;
    e.level = level;
    e.time = now;
    e.message = std::move(message);
    e.project = project;
    return e;
}

} // namespace

event credential_expired(const std::string& project, const std::string& source, timestamp end,
                         timestamp now) {
    event e = of_project(
        project, "credential_expired", severity::warn,
        "a new credential has expired already by this host's clock; it is used until the cloud refuses "
        "it: check that the clock is right",
        now);
    return e.with("credential", source).with("expires", to_rfc3339(end));
}

event credential_refused(const std::string& project, const std::string& source, const failure& why,
                         timestamp now) {
    const bool was_asked = why.http_status != 0;
    event e = of_project(
        project, "credential_refused", severity::error,
        was_asked
            ? "the cloud refused the credential; nothing is sent with it for 5 minutes, or until it changes: "
              "check that it is right, active and of this account, and that this host's clock is"
            : "the credential cannot be read on this host; nothing is sent until it can: check the files and "
              "variables that the configuration names",
        now);
    if (!source.empty())
        e.with("credential", source);
    if (!why.error_code.empty())
        e.with("error_code", why.error_code);
    if (!why.error_msg.empty())
        e.with("error_msg", why.error_msg);
    if (!why.request_id.empty())
        e.with("request_id", why.request_id);
    return e;
}

event credential_accepted(const std::string& project, const std::string& source, timestamp now) {
    event e =
        of_project(project, "credential_accepted", severity::info, "the credential is accepted again", now);
    return e.with("credential", source);
}

} // namespace replmond::cloud
