#include "tests/simulator/pod_identity_api.hpp"

#include "tests/simulator/errors.hpp"
#include "tests/simulator/metadata_api.hpp"

#include <boost/json/parse.hpp>

namespace json = boost::json;
using replmond::testing::request;
using replmond::testing::script;

namespace replmond::simulator {
namespace {

script pod_error(int status, std::string_view text) {
    return json_answer(status, {{"error_code", "PodIdentity.0001"}, {"error_msg", text}});
}

bool is_empty_object(const std::string& body) {
    json::error_code error;
    const auto parsed = json::parse(body, error);
    return !error && parsed.is_object() && parsed.get_object().empty();
}

} // namespace

script answer_pod_identity(access_control& access, call& now) {
    if (const auto trace = proxy_trace(now.asked); !trace.empty()) {
        now.note = "came through a proxy: " + trace;
        now.grave = true;
        return pod_error(400, "Bad Request");
    }
    if (!access.pod_identity)
        return pod_error(404, "Not Found");
    if (now.asked.header("Content-Type") != "application/json" || !is_empty_object(now.asked.body)) {
        now.note = "expected the body {} of application/json";
        return pod_error(400, "Bad Request");
    }
    auto& pod = *access.pod_identity;
    if (now.asked.header("Authorization") != pod.spec.token) {
        now.note = "Authorization is not the token of the pod";
        return pod_error(401, "Unauthorized");
    }
    const auto issued =
        pod.issuer.issue(access.keys, pod.spec.access, pod.spec.secret, pod.spec.key_lifetime, now.at);
    return json_answer(200, {{"assumedAgency", {{"urn", "iam::0:agency:replmond"}, {"id", "agency"}}},
                             {"audience", "pods"},
                             {"credentials",
                              {{"accessKeyId", issued.key.access},
                               {"secretAccessKey", issued.key.secret},
                               {"securityToken", *issued.key.security_token},
                               {"expiration", iso_time(issued.expires_at)}}},
                             {"podIdentityAssociationId", "association"},
                             {"subject", {{"namespace", "monitoring"}, {"serviceAccount", "replmond"}}}});
}

} // namespace replmond::simulator
