#include "tests/simulator/errors.hpp"

#include "tests/simulator/json_text.hpp"

namespace json = boost::json;

namespace replmond::simulator {

testing::script json_answer(int status, const json::object& body) {
    testing::script answer;
    answer.status = status;
    answer.headers.emplace_back("Content-Type", "application/json;charset=UTF-8");
    answer.body = json_text(body);
    return answer;
}

testing::script service_error(int status, std::string_view code, std::string_view text) {
    return json_answer(status, {{"error_code", code}, {"error_msg", text}});
}

testing::script gateway_error(int status, std::string_view code, std::string_view text,
                              std::string_view request_id) {
    return json_answer(status, {{"error_msg", text}, {"error_code", code}, {"request_id", request_id}});
}

testing::script usual_error(int status, std::string_view request_id) {
    switch (status) {
    case 401:
        return gateway_error(401, "APIGW.0301",
                             "Incorrect IAM authentication information: decrypt token fail", request_id);
    case 403:
        return gateway_error(403, "APIGW.0302", "The IAM user is not allowed to access the API", request_id);
    case 404:
        return gateway_error(404, "APIGW.0101",
                             "The API does not exist or has not been published in the environment",
                             request_id);
    case 429:
        return gateway_error(
            429, "APIGW.0308",
            "The throttling threshold has been reached: policy user over ratelimit,limit:200,time:5 minute",
            request_id);
    case 502:
        return gateway_error(502, "APIGW.0201", "Backend unavailable", request_id);
    case 503:
        return gateway_error(503, "APIGW.0613", "The IAM service is temporarily unavailable", request_id);
    case 504:
        return gateway_error(504, "APIGW.0201", "Backend timeout", request_id);
    default:
        break;
    }
    if (status >= 500)
        return service_error(status, "DBS.200005", "Server failure.");
    if (status >= 400)
        return service_error(status, "DBS.280001", "Parameter error.");
    return json_answer(status, {});
}

bool wants_chinese(const testing::request& request) {
    return request.header("X-Language") == "zh-cn";
}

} // namespace replmond::simulator
