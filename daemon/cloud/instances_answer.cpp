#include "daemon/cloud/instances_answer.hpp"

#include "daemon/cloud/inventory_record.hpp"

#include <boost/json.hpp>

#include <utility>

namespace replmond::cloud {

namespace json = boost::json;

result<instances_page> decode_instances(std::string_view body) {
    const auto answer = read_object(body);
    if (!answer)
        return answer.error();
    instances_page read;
    read.total_count = read_count(*answer, "total_count", read.unexpected);
    const auto records = read_instances(*answer, read.total_count.has_value());
    if (!records)
        return records.error();
    if (*records == nullptr)
        return read;

    read.records = (*records)->size();
    for (const json::value& record : **records) {
        auto id = read_instance_id(record, read.unexpected);
        if (!id) {
            ++read.unusable;
            continue;
        }
        taurusdb_instance one;
        one.id = std::move(*id);
        one.name = read_text(record.get_object(), "name", read.unexpected);
        one.status = read_text(record.get_object(), "status", read.unexpected);
        read.instances.push_back(std::move(one));
    }
    return read;
}

} // namespace replmond::cloud
