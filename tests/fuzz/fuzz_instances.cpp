// The lists that discovery reads, and what is done with them: no input may crash, hang or break an invariant.
#include "daemon/core/cloud/inventory.hpp"
#include "daemon/core/tracking/discovery_state.hpp"
#include "daemon/core/tracking/listing.hpp"
#include "daemon/core/tracking/name_allocator.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string_view>

using namespace replmond;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

// The same page again and again, and the same HTAP list for all: a listing ends, whatever they say.
void follow(const cloud::instances_page& page, const cloud::htap_list& list) {
    using step = tracking::listing_progress::step;
    tracking::listing_progress progress({});
    step next = step::read_page;
    std::size_t calls = 0;
    while (next == step::read_page || next == step::ask_htap) {
        require(++calls <= 4 * tracking::max_records);
        next = next == step::read_page ? progress.add(page) : progress.add(list);
    }
    if (next != step::done)
        return;

    tracking::discovery_state known(config::discovery_settings{});
    tracking::name_allocator names;
    std::set<std::string> given;
    for (const auto& added : known.take(progress.take_listing()).added)
        require(given.insert(*names.add({"p", added.id}, added.name)).second);
}

} // namespace

// The first byte says which of the two the rest is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
    cloud::instances_page page;
    page.instances.push_back({"0123456789abcdef0123456789abcdefin07", "shop", "ACTIVE"});
    page.records = 1;
    page.total_count = 1;
    cloud::htap_list list;
    if (data[0] % 2 == 0) {
        auto read = cloud::decode_instances(body);
        if (!read)
            return 0;
        page = std::move(*read);
        require(page.instances.size() + page.unusable == page.records);
    } else {
        auto read = cloud::decode_htap(body);
        if (!read)
            return 0;
        list = std::move(*read);
        require(list.starrocks.size() + list.unusable <= list.records);
    }
    follow(page, list);
    return 0;
}
