#include "daemon/service/targets.hpp"
#include "tests/monitor/fleet_stub.hpp"

#include <algorithm>
#include <functional>
#include <new>
#include <set>
#include <stdexcept>
#include <utility>

/// Applying a configuration, and applying another one after it.
namespace replmond::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class Targets : public FleetStub {
protected:
    void SetUp() override {
        FleetStub::SetUp();
        fleet_ = std::make_unique<monitor::fleet>(loop_.get_executor(), settings_, seen_);
        make_roster({});
        config_.poll.interval = std::chrono::hours(1);
        add_project("prod", "p1");
        add_instance("a", "prod");
        add_instance("b", "prod");
        places_.read_file = [this](const std::string& path) {
            config::file_outcome file;
            file.content = files_[path];
            return file;
        };
    }

    void make_roster(schedule::shard mine) {
        service::target_callbacks callbacks;
        callbacks.connect = [this](const config::project_settings& project, schedule::project_key,
                                   const config::poll_settings&, const config::lookup&) {
            if (refuses_.contains(project.name))
                throw std::runtime_error("no way to " + project.name);
            connected_.push_back(project.name);
            auto* const api = make_api([](const auto&) { return page_of({task("t1")}); });
            return std::shared_ptr<cloud::project_api>(std::shared_ptr<void>(), api);
        };
        callbacks.spawn = [this](boost::asio::awaitable<void> work) { group_.spawn(std::move(work)); };
        callbacks.known_from_before = [](const std::string&, const std::string&) {
            return std::map<std::string, std::string>();
        };
        callbacks.log = [this](event e) { say_(std::move(e)); };
        callbacks.log_about = [this](event e, const instance_identity& of) {
            about_.push_back(e.name + ' ' + of.name);
        };
        callbacks.discovered = [this](event, const instance_identity&) { found_(); };
        callbacks.project_added = [this](const config::project_settings& p) { projects_.insert(p.name); };
        callbacks.project_removed = [this](const std::string& p) { projects_.erase(p); };
        callbacks.listed = [this](const std::string&, bool, std::size_t,
                                  const std::vector<unexpected_value>&) { ++listings_; };
        targets_ = std::make_unique<service::targets>(*fleet_, mine, std::move(callbacks));
    }

    void add_project(const std::string& name, const std::string& id) {
        config::project_settings project;
        project.name = name;
        project.region = "cn-north-4";
        project.project_id = id;
        project.limit.requests = 1'000'000;
        project.auth = config::metadata_auth{};
        config_.projects.push_back(project);
    }

    void add_instance(const std::string& name, const std::string& project) {
        config::instance_settings instance;
        instance.name = name;
        instance.id = id_of(name);
        instance.project = project;
        instance.interval = interval;
        instance.timeout = patience;
        instance.page_size = 100;
        config_.instances.push_back(instance);
    }

    service::target_changes apply() { return targets_->apply(config_, places_); }

    std::vector<std::string> watched() const {
        std::vector<std::string> names;
        for (const auto& [name, state] : seen_.states)
            names.push_back(name);
        return names;
    }

    config::settings config_;
    config::lookup places_;
    std::map<std::string, std::string> files_;
    std::set<std::string> refuses_;
    std::vector<std::string> connected_;
    std::set<std::string> projects_;
    std::function<void(event)> say_ = [](event) {};
    std::function<void()> found_ = [] {};
    std::vector<std::string> about_; ///< events about instances
    int listings_ = 0;
    std::unique_ptr<service::targets> targets_;
};

TEST_F(Targets, WatchesWhatIsConfigured) {
    const auto changes = apply();
    EXPECT_EQ(changes.added, 2U);
    EXPECT_EQ(changes.reconnected, 1U);
    EXPECT_THAT(watched(), ElementsAre("a", "b"));
    EXPECT_EQ(state("a").identity.project_id, "p1");
    EXPECT_EQ(state("a").identity.region, "cn-north-4");
    EXPECT_THAT(projects_, ElementsAre("prod"));
    begin();
    until([&] { return polls("a", poll_result::success) > 0 && polls("b", poll_result::success) > 0; });
}

TEST_F(Targets, TheSameAgainChangesNothing) {
    apply();
    const auto changes = apply();
    EXPECT_EQ(changes.added + changes.changed + changes.removed + changes.reconnected, 0U);
    EXPECT_THAT(connected_, ElementsAre("prod"));
}

TEST_F(Targets, WhatDidNotChangeKeepsItsCounts) {
    apply();
    begin();
    until([&] { return polls("a") >= 2; });
    const auto before = polls("a");
    config_.instances[1].labels["team"] = "data";
    add_instance("c", "prod");
    const auto changes = apply();
    EXPECT_EQ(changes.added, 1U);
    EXPECT_EQ(changes.changed, 1U);
    EXPECT_GE(polls("a"), before);
    EXPECT_EQ(seen_.count("a", "task_discovered"), 1U);
    EXPECT_EQ(state("b").identity.labels.at("team"), "data");
    until_polls("c", 1);
    EXPECT_EQ(seen_.count("b", "task_discovered"), 1U);
}

TEST_F(Targets, RemovedInstancesAreNotPolledAnyMore) {
    apply();
    begin();
    until([&] { return polls("b") >= 1; });
    config_.instances.pop_back();
    EXPECT_EQ(apply().removed, 1U);
    EXPECT_THAT(watched(), ElementsAre("a"));
    apis_.front()->asked.clear();
    until_polls("a", 3);
    for (const auto& query : apis_.front()->asked)
        EXPECT_EQ(query.instance_id, id_of("a"));
}

TEST_F(Targets, RemovedInTheMiddleOfAPoll) {
    apply();
    apis_.front()->answer = [](const auto&) { return std::nullopt; };
    begin();
    until([&] { return apis_.front()->in_flight == 2; });
    config_.instances.clear();
    config_.projects.clear();
    EXPECT_EQ(apply().removed, 2U);
    EXPECT_THAT(watched(), IsEmpty());
    EXPECT_THAT(projects_, IsEmpty());
    EXPECT_EQ(fleet_->size(), 0U);
}

// More of them wait for a slot than there are slots.
TEST_F(Targets, AProjectThatIsRemovedWhileItsPollsWaitTakesNoSlotWithIt) {
    ASSERT_EQ(settings_.concurrency, 16);
    const auto before = config_;
    add_project("hung", "p2");
    for (int i = 0; i < 40; ++i)
        add_instance("h" + std::to_string(100 + i), "hung"); // ids of one length: else two are the same
    apply();
    auto& hung = *apis_.back();
    hung.answer = [](const auto&) { return std::nullopt; };
    begin();
    // All are begun within their interval: then they wait.
    until([&] { return hung.in_flight == 8 && fleet_->requests().scheduler().polls_waiting() == 32; });
    config_ = before;
    EXPECT_EQ(apply().removed, 40U);
    EXPECT_EQ(fleet_->requests().scheduler().polls_waiting(), 0U);
    until_polls("a", 5);
    until_polls("b", 5);
    EXPECT_LE(fleet_->requests().scheduler().slots_held(), 2U);
    EXPECT_THAT(fleet_->overdue(), IsEmpty());
}

TEST_F(Targets, InstancesThatAreRemovedAndAddedAgainWhileTheyWaitArePolled) {
    settings_.concurrency = 2;
    fleet_ = std::make_unique<monitor::fleet>(loop_.get_executor(), settings_, seen_);
    make_roster({});
    for (int i = 0; i < 10; ++i)
        add_instance("h" + std::to_string(i), "prod");
    apply();
    auto& api = *apis_.back();
    api.answer = [](const auto&) { return std::nullopt; };
    begin();
    until([&] { return fleet_->requests().scheduler().polls_waiting() == 10; });
    const auto all = std::exchange(config_.instances, {});
    apply();
    config_.instances = all;
    apply();
    api.answer = [](const auto&) { return page_of({task("t1")}); };
    for (const auto& instance : all)
        until([&] { return polls(instance.name) >= 2; });
}

// Whoever hears of what is discovered throws: the next listing makes up for it.
TEST_F(Targets, AnExceptionInDiscoveryEndsThatListing) {
    config_.projects[0].discover.emplace();
    config_.projects[0].discover->interval = interval;
    std::vector<event> said;
    bool broken = true;
    say_ = [&](event e) { said.push_back(std::move(e)); };
    found_ = [&] {
        if (std::exchange(broken, false))
            throw std::bad_alloc();
    };
    apply();
    apis_.back()->listed = {{id_of("tdb"), "x"}};
    begin();
    until([&] { return seen_.states.contains("x"); });
    ASSERT_EQ(said.size(), 2U);
    EXPECT_EQ(said[0].name, "discovery_failed");
    EXPECT_EQ(text_of(said[0], "result"), "protocol");
    EXPECT_EQ(text_of(said[0], "error_msg"),
              "an error in replmond itself ended the listing of instances: std::bad_alloc");
    EXPECT_EQ(said[1].name, "discovery_recovered");
    until([&] { return polls("x") >= 1; });
}

TEST_F(Targets, ARenamedInstanceIsTheSame) {
    apply();
    begin();
    until([&] { return polls("a") >= 1; });
    config_.instances[0].name = "orders";
    const auto changes = apply();
    EXPECT_EQ(changes.changed, 1U);
    EXPECT_EQ(changes.added + changes.removed, 0U);
    EXPECT_EQ(state("orders").tasks.size(), 1U);
    until_polls("orders", 1);
    EXPECT_EQ(seen_.count("orders", "task_discovered"), 0U);
}

TEST_F(Targets, ARenamedProjectWithTheSameIdKeepsItsInstances) {
    apply();
    begin();
    until([&] { return polls("a") >= 1; });
    config_.projects[0].name = "production";
    for (auto& instance : config_.instances)
        instance.project = "production";
    const auto changes = apply();
    EXPECT_EQ(changes.added + changes.removed, 0U);
    EXPECT_EQ(changes.changed, 2U);
    EXPECT_THAT(projects_, ElementsAre("production"));
    EXPECT_EQ(state("a").identity.project, "production");
    until_polls("a", 2);
    EXPECT_EQ(seen_.count("a", "task_discovered"), 1U);
}

TEST_F(Targets, AnotherProjectIdIsAnotherInstance) {
    apply();
    config_.projects[0].project_id = "p2";
    const auto changes = apply();
    EXPECT_EQ(changes.added, 2U);
    EXPECT_EQ(changes.removed, 2U);
}

TEST_F(Targets, ProjectsAreConnectedAnewWhereTheirConnectionChanged) {
    config_.projects[0].ca_file = "/ca.pem";
    files_["/ca.pem"] = "one";
    apply();
    config_.projects[0].limit.requests = 7;
    EXPECT_EQ(apply().reconnected, 0U);
    files_["/ca.pem"] = "two";
    EXPECT_EQ(apply().reconnected, 1U);
    config_.projects[0].endpoint = "https://elsewhere.example";
    EXPECT_EQ(apply().reconnected, 1U);
    config_.poll.timeout = std::chrono::seconds(3);
    EXPECT_EQ(apply().reconnected, 1U);
}

// A reload must not make it forget that a credential was refused.
TEST_F(Targets, TheSameCredentialGoesOnOverANewConnection) {
    apply();
    config_.poll.timeout = std::chrono::seconds(3);
    apply();
    EXPECT_EQ(apis_.back()->went_on_from, apis_.front().get());
    config_.projects[0].auth = config::default_auth{};
    apply();
    EXPECT_EQ(apis_.back()->went_on_from, nullptr);
    config_.projects[0].iam_endpoint = "https://iam.elsewhere.example";
    apply();
    EXPECT_EQ(apis_.back()->went_on_from, nullptr);
}

TEST_F(Targets, ARefusedConfigurationChangesNothing) {
    apply();
    add_project("new", "p2");
    add_instance("c", "new");
    config_.instances.erase(config_.instances.begin());
    refuses_.insert("new");
    EXPECT_THROW(apply(), std::runtime_error);
    EXPECT_THAT(watched(), ElementsAre("a", "b"));
    EXPECT_THAT(projects_, ElementsAre("prod"));
    refuses_.clear();
    EXPECT_EQ(apply().added, 1U);
    EXPECT_THAT(watched(), ElementsAre("b", "c"));
}

TEST_F(Targets, AShardWatchesItsPartAndPaysItsPart) {
    std::vector<std::string> all;
    for (int i = 0; i < 3; ++i) {
        seen_.states.clear();
        fleet_ = std::make_unique<monitor::fleet>(loop_.get_executor(), settings_, seen_);
        make_roster({i, 3});
        apply();
        for (const auto& name : watched())
            all.push_back(name);
    }
    EXPECT_THAT(all, UnorderedElementsAre("a", "b"));
}

// Two entries that are one project of the cloud: `prod` configures a and b.
class RosterTwins : public Targets {
protected:
    void SetUp() override {
        Targets::SetUp();
        say_ = [this](event e) {
            if (e.name == "same_project")
                said_.push_back(e.project + ' ' + text_of(e, "other_project") + ' ' +
                                text_of(e, "project_id"));
        };
        found_ = [this] { ++discovered_; };
        config_.instances[0].labels["team"] = "data";
    }

    // An entry that discovers whom the cloud calls so.
    void add_discovering(const std::string& entry, std::optional<std::string> project_id) {
        add_project(entry, "");
        config_.projects.back().project_id = std::move(project_id);
        config_.projects.back().discover.emplace();
        config_.projects.back().discover->interval = interval;
    }

    stub_api& api_of(const std::string& entry) {
        const auto at = std::find(connected_.begin(), connected_.end(), entry) - connected_.begin();
        return *apis_.at(static_cast<std::size_t>(at));
    }

    void let_discover(const std::string& entry, const std::string& name) {
        api_of(entry).listed = {{id_of("tdb"), name}};
    }

    void expect_a_is_as_configured() {
        ASSERT_TRUE(seen_.states.contains("a"));
        EXPECT_EQ(state("a").identity.project, "prod");
        EXPECT_EQ(state("a").identity.labels.count("team"), 1U);
        EXPECT_FALSE(state("a").discovered);
    }

    void expect_nothing_changes() {
        const auto changes = apply();
        EXPECT_EQ(changes.added + changes.changed + changes.removed + changes.reconnected, 0U);
    }

    std::vector<std::string> said_;
    int discovered_ = 0;
};

TEST_F(RosterTwins, TheConfiguredOneWinsWhateverTheOrder) {
    for (const char* entry : {"zzz", "aaa"}) {
        SCOPED_TRACE(entry);
        add_discovering(entry, "p1");
        apply();
        let_discover(entry, "a");
    }
    begin();
    until([&] { return listings_ >= 4; });
    EXPECT_THAT(watched(), ElementsAre("a", "b"));
    expect_a_is_as_configured();
    EXPECT_EQ(discovered_, 0);
    expect_nothing_changes();
    expect_a_is_as_configured();
    EXPECT_THAT(said_, IsEmpty()); // check-config warns of it
}

TEST_F(RosterTwins, OfTwoThatDiscoverTheFirstHasIt) {
    add_discovering("x1", "p2");
    add_discovering("x2", "p2");
    apply();
    let_discover("x2", "c");
    begin();
    until([&] { return seen_.states.contains("c"); });
    EXPECT_EQ(state("c").identity.project, "x2");
    let_discover("x1", "c");
    until([&] { return state("c").identity.project == "x1"; });
    EXPECT_THAT(watched(), ElementsAre("a", "b", "c"));
    expect_nothing_changes();
    // The other one takes over, and nobody is gone.
    api_of("x1").listed.clear();
    until([&] { return state("c").identity.project == "x2"; });
    let_discover("x1", "c");
    until([&] { return state("c").identity.project == "x1"; });
    EXPECT_THAT(about_, IsEmpty());
    config_.projects.erase(config_.projects.begin() + 1);
    apply();
    EXPECT_EQ(state("c").identity.project, "x2");
    EXPECT_THAT(watched(), ElementsAre("a", "b", "c"));
    EXPECT_THAT(about_, IsEmpty());
}

TEST_F(RosterTwins, ThatAreLearnedArePartedAndToldOnce) {
    add_discovering("other", std::nullopt);
    apply();
    let_discover("other", "a");
    begin();
    until([&] { return watched().size() == 3; });
    EXPECT_FALSE(targets_->has_learned_of_duplicates());
    api_of("other").project_id = "p1";
    EXPECT_TRUE(targets_->has_learned_of_duplicates());
    EXPECT_FALSE(targets_->has_learned_of_duplicates()); // asked after every poll
    targets_->settle_duplicates();
    EXPECT_THAT(watched(), ElementsAre("a", "b"));
    expect_a_is_as_configured();
    EXPECT_THAT(said_, ElementsAre("other prod p1"));
    expect_nothing_changes();
    EXPECT_THAT(said_, ElementsAre("other prod p1"));
}

TEST_F(RosterTwins, AnIdThatWasLearnedIsNoChange) {
    config_.projects[0].project_id.reset();
    apply();
    begin();
    until_polls("a", 1);
    api_of("prod").project_id = "p1";
    expect_nothing_changes();
    EXPECT_THAT(said_, IsEmpty());
}

TEST_F(Targets, WhomAReloadLetsGoIsGoneAndWhomItAdmitsIsDiscovered) {
    config_.projects[0].discover.emplace();
    config_.projects[0].discover->interval = interval;
    apply();
    apis_.back()->listed = {{id_of("tdb"), "x"}, {id_of("tdc"), "y"}};
    begin();
    until([&] { return seen_.states.contains("x") && seen_.states.contains("y"); });
    EXPECT_THAT(about_, IsEmpty());
    int found = 0;
    found_ = [&] { ++found; };

    config_.projects[0].discover->exclude = "^x$";
    apply();
    EXPECT_THAT(about_, ElementsAre("instance_gone x"));
    config_.projects[0].discover->exclude.reset();
    apply();
    EXPECT_EQ(found, 1);
    EXPECT_TRUE(seen_.states.contains("x"));

    // Configured from now on, or in a project with another name: not gone.
    add_instance("y", "prod");
    config_.projects[0].name = "production";
    for (auto& instance : config_.instances)
        instance.project = "production";
    apply();
    EXPECT_THAT(about_, ElementsAre("instance_gone x"));

    config_.projects[0].discover.reset();
    apply();
    EXPECT_THAT(about_, ElementsAre("instance_gone x", "instance_gone x"));
    EXPECT_THAT(watched(), ElementsAre("a", "b", "y"));
}

} // namespace
} // namespace replmond::testing
