// What doctor keeps of a value: type, shape, known words.

#include "daemon/core/doctor/fields.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace replmond::doctor {
namespace {

namespace json = boost::json;

field_forms forms_of(call of, part in, const std::vector<std::string>& objects, field_placeholders& unknown) {
    field_survey survey(of, in);
    for (const std::string& each : objects)
        survey.take(json::parse(each).get_object(), unknown);
    return survey.forms();
}

field_forms records(const std::vector<std::string>& objects) {
    field_placeholders unknown;
    return forms_of(call::list, part::record, objects, unknown);
}

TEST(shape, of_texts) {
    const std::vector<std::pair<std::string, std::string>> samples = {
        {"", "empty"},
        {" \t", "blank"},
        {"42", "integer"},
        {"-1", "integer"},
        {" 42 ", "integer"},
        {"42.5", "decimal"},
        {"1e3", "decimal"},
        {"42%", "integer%"},
        {"42.5%", "decimal%"},
        {"%", "text"},
        {"2026-11-22T01:24:35Z", "time"},
        {"2026-11-22 01:24:35", "time"},
        {"0123456789abcdef0123456789abcdef", "id"},
        {"0a1b2c3d4e5f60718293a4b5c6d7e8f9in17", "id"},
        {"abcdefghijklmnopqrstuvwxyzabcdefgh", "name"},
        {"orders_main", "name"},
        {"192.168.0.1", "name"},
        {"订单", "text"},
        {"two words", "text"},
    };
    for (const auto& [text, shape] : samples)
        EXPECT_EQ(shape_of(text), shape) << text;
}

TEST(field_survey, counts_types_and_those_that_are_absent) {
    const auto forms = records({R"({"percentage":"42.5"})", R"({"percentage":7})", R"({"percentage":null})",
                                R"({"percentage":true})", R"({"percentage":[]})", R"({})"});
    const field_form& form = forms.at("percentage");
    EXPECT_TRUE(form.known);
    EXPECT_EQ(form.of, 6U);
    EXPECT_EQ(
        form.types,
        (counts{{"string", 1}, {"number", 1}, {"null", 1}, {"boolean", 1}, {"array", 1}, {"absent", 1}}));
    EXPECT_EQ(form.shapes, (counts{{"decimal", 1}, {"integer", 1}}));
    EXPECT_EQ(form.range, std::make_pair(7.0, 42.5));
    EXPECT_EQ(form.came(), 5U);
}

TEST(field_survey, lists_known_fields_that_never_came) {
    const auto forms = records({R"({"task_name":"a"})"});
    EXPECT_EQ(forms.size(), 10U);
    EXPECT_EQ(forms.at("is_main_task").types, (counts{{"absent", 1}}));
    EXPECT_TRUE(forms.at("is_main_task").known);
}

TEST(field_survey, keeps_known_words_as_they_were_sent_and_no_others) {
    const auto forms = records({R"({"stage":"Incremental","status":" YES ","task_name":"full"})",
                                R"({"stage":"incremental","status":"Secret","task_name":"yes"})"});
    EXPECT_EQ(forms.at("stage").words, (counts{{"Incremental", 1}, {"incremental", 1}}));
    EXPECT_EQ(forms.at("status").words, (counts{{"YES", 1}}));
    EXPECT_EQ(forms.at("status").padded, 1U);
    EXPECT_EQ(forms.at("status").shapes, (counts{{"word", 1}, {"name", 1}}));
    EXPECT_TRUE(forms.at("task_name").words.empty());
    EXPECT_EQ(forms.at("task_name").shapes, (counts{{"name", 2}}));
}

TEST(field_survey, names_what_nobody_knows_by_placeholders) {
    field_placeholders unknown;
    const auto forms = forms_of(call::list, part::record,
                                {R"({"lag_of_us":1,"inner":{"lag_of_us":"x"},"task_name.x":"y"})",
                                 R"({"inner":{"stage":"Full"},"total_count":3})"},
                                unknown);
    EXPECT_EQ(unknown.names(), (std::map<std::string, std::string>{{"field-1", "lag_of_us"},
                                                                   {"field-2", "inner"},
                                                                   {"field-3", "task_name.x"},
                                                                   {"field-4", "stage"},
                                                                   {"field-5", "total_count"}}));
    EXPECT_FALSE(forms.at("field-1").known);
    EXPECT_EQ(forms.at("field-1").of, 2U);
    EXPECT_EQ(forms.at("field-2.field-1").types, (counts{{"string", 1}, {"absent", 1}}));
    EXPECT_TRUE(forms.at("field-2.field-4").words.empty());
    EXPECT_FALSE(forms.at("field-5").range);
}

TEST(field_survey, follows_known_objects_and_arrays) {
    field_placeholders unknown;
    const auto forms = forms_of(call::htap, part::record, {R"({"instance_state":{"instance_status":"normal"},
                                     "readable_node_infos":[{"data_ip":"10.0.0.1"},{"node_id":"x"}]})"},
                                unknown);
    EXPECT_EQ(forms.at("instance_state.instance_status").words, (counts{{"normal", 1}}));
    EXPECT_EQ(forms.at("readable_node_infos[].data_ip").types, (counts{{"string", 1}, {"absent", 1}}));
    EXPECT_TRUE(forms.at("readable_node_infos[].data_ip").known);
    EXPECT_TRUE(unknown.names().empty());
}

TEST(field_survey, a_name_that_looks_like_a_path_is_none) {
    field_placeholders unknown;
    const auto forms =
        forms_of(call::htap, part::record,
                 {R"({"instance_state.instance_status":"normal","readable_node_infos[]":1})"}, unknown);
    EXPECT_FALSE(forms.contains("instance_state.instance_status"));
    EXPECT_TRUE(forms.at("field-1").words.empty());
    EXPECT_EQ(unknown.names().size(), 2U);
}

TEST(field_survey, a_number_that_is_no_count_has_no_range) {
    field_placeholders unknown;
    const auto forms = forms_of(call::list, part::body, {R"({"total_count":13800138000})"}, unknown);
    EXPECT_EQ(forms.at("total_count").shapes, (counts{{"integer", 1}}));
    EXPECT_FALSE(forms.at("total_count").range);
}

TEST(field_survey, a_flood_of_names_is_bounded) {
    json::object record;
    for (int i = 0; i < 3'000; ++i)
        record["name" + std::to_string(i)] = i;
    field_placeholders unknown;
    field_survey survey(call::list, part::record);
    survey.take(record, unknown);
    EXPECT_EQ(unknown.names().size(), 1'000U);
    EXPECT_EQ(survey.forms().at("field-more").types.at("number"), 2'000U);
}

} // namespace
} // namespace replmond::doctor
