"""Every field that Sage's API description names, in its order, with what it holds.

`#` number, `?` true or false, `@` moment, `{}` object or list, nothing: text; `*` in Professional only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.sage200.odata import Kind

_MARKS = {"#": Kind.NUMBER, "?": Kind.FLAG, "@": Kind.MOMENT, "{}": Kind.OBJECT, "": Kind.TEXT}
_WORD = re.compile(r"(\w+?)(?:_(\d+)\.\.(\d+))?(#|\?|@|\{\}|)(\*?)")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a resource."""

    kind: Kind
    professional: bool = False


def _fields(words: str) -> dict[str, Field]:
    found: dict[str, Field] = {}
    for word in words.split():
        name, first, last, mark, star = _parts(word)
        names = [f"{name}_{n}" for n in range(int(first), int(last) + 1)] if first else [name]
        found |= dict.fromkeys(names, Field(_MARKS[mark], bool(star)))
    return found


def _parts(word: str) -> tuple[str, ...]:
    match = _WORD.fullmatch(word)
    if match is None:
        raise ValueError(word)
    return tuple(part or "" for part in match.groups())


CUSTOMER_VIEW = _fields(
    """
    id# reference name short_name country_code_id# country_code currency_id# currency_name currency_symbol
    currency_iso_code_id# currency_iso_code currency_iso_code_name balance# base_balance# credit_limit# vat_number
    default_tax_rate_id# default_tax_rate_code# default_tax_rate_name default_tax_rate# default_order_priority
    default_nominal_account_number default_nominal_cost_centre default_nominal_department
    early_settlement_discount_percent# days_early_settlement_disc_applies# payment_terms_in_days# payment_terms_id#
    payment_terms discount_group_id# discount_group_name discount_group_description order_value_discount_id#
    order_value_discount_name order_value_discount_description price_band_id# price_band_name price_band_description
    use_consolidated_billing? invoice_line_discount_percent# invoice_discount_percent# account_is_on_hold?
    account_status_type_id# account_status_type account_type_id# account_type value_of_current_orders_in_sop#
    date_account_details_last_changed@ date_of_last_transaction@ date_finance_charge_last_run@ trading_terms
    credit_reference credit_bureau_id# credit_bureau_name credit_position_id# credit_position_name
    average_time_to_pay# account_opened@ last_credit_review@ next_credit_review@ application_date@ date_received@
    terms_agreed? is_over_credit_limit? months_to_keep_transactions_for# use_tax_code_as_default?
    avg_time_to_pay_date_last_updated@ duns_code telephone_area_code telephone_country_code
    telephone_subscriber_number fax_area_code fax_country_code fax_subscriber_number website
    send_copy_statement_to_branch? statement_transmission_method_id# statement_transmission_method
    invoice_payments_status contact_name contact_first_name contact_middle_name contact_last_name
    contact_default_telephone_number contact_default_email_address analysis_code_1..5 analysis_code_6..20*
    customer_location_id# customer_location_address_line_1 customer_location_address_line_2
    customer_location_address_line_3 customer_location_address_line_4 customer_location_post_code
    customer_location_city customer_location_county customer_location_country customer_location_full_address
    customer_location_date_time_created@ customer_location_date_time_updated@ customer_location_country_code_id#
    customer_location_country_code customer_location_country_code_name customer_location_type_id#
    customer_location_type customer_location_address_country_code_id# customer_location_address_country_code
    customer_location_address_country_code_name date_time_created@ date_time_updated@
    """
)
CUSTOMER = _fields(
    """
    id# reference name short_name balance# on_hold? status_reason account_status_type currency_id#
    exchange_rate_type telephone_country_code telephone_area_code telephone_subscriber_number fax_country_code
    fax_area_code fax_subscriber_number website credit_limit# country_code_id# default_tax_code_id# vat_number
    duns_code account_type early_settlement_discount_percent# early_settlement_discount_days# payment_terms_days#
    payment_terms_basis average_time_to_pay# terms_agreed? value_of_current_orders_in_sop# credit_bureau_id#
    credit_position_id# finance_charge_id#* trading_terms credit_reference account_opened@ last_credit_review@
    next_credit_review@ application_date@ date_received@ date_finance_charge_last_run@ office_type*
    associated_head_office_id#* produce_statements_for_customer?* is_head_office_with_branches?*
    use_consolidated_billing?* order_priority use_tax_code_as_default? months_to_keep_transactions#
    default_nominal_code_id# default_nominal_code_reference default_nominal_code_cost_centre
    default_nominal_code_department invoice_discount_percent# invoice_line_discount_percent#
    customer_discount_group_id# order_value_discount_id# price_band_id# analysis_code_1..5 analysis_code_6..20*
    spare_text_1..10 spare_number_1..10# spare_date_1..5@ spare_bool_1..5? associated_head_office{}* country_code{}
    credit_bureau{} credit_memo_note{} credit_position{} currency{} customer_discount_group{} default_nominal_code{}
    default_tax_code{} finance_charge{}* main_address{} order_value_discount{} price_band{}
    sales_credit_note_layout{} sales_invoice_layout{} statement_layout{} status{} alerts{} cards{} contacts{}
    limited_price_bands{} memos{} date_time_created@ date_time_updated@
    """
)
LOOKUP_CUSTOMER = _fields(
    """
    id# reference name short_name account_status_type_id# post_code office_type_id#*
    """
)
CUSTOMER_ALERT = _fields(
    """
    id# customer_id# alert_text is_active? show_alert_for_orders? show_alert_for_proformas? show_alert_for_quotes?
    show_alert_for_credit_notes? show_alert_for_price_enquiries? show_alert_for_invoices? show_alert_for_returns?
    show_alert_for_project_bills? is_to_delete? updated_by date_time_created@ date_time_updated@
    """
)
CUSTOMER_MEMO = _fields(
    """
    id# customer_id# note is_active? is_to_delete? created_by date_time_created@ date_time_updated@
    """
)
SITE = _fields(
    """
    company_id# company_name site_id site_name site_short_name
    """
)
ANALYSIS_CODE_MAPPING = _fields(
    """
    id# class_name friendly_class_name property_name friendly_property_name is_mandatory?* is_read_only? slot#
    analysis_code_id{} analysis_code{} date_time_created@ date_time_updated@
    """
)
CURRENT_USER = _fields(
    """
    id# logon_name friendly_name email_address is_web_user? last_logon_date_time@
    """
)
COMPANY_DETAILS = _fields(
    """
    id# name telephone fax email website tax_registration_number years_accounts_held_for# country_code_id#
    country_code{} eori_number is_supplier_payments_enabled? address{} date_time_created@ date_time_updated@
    """
)
CURRENCY = _fields(
    """
    id# symbol name core_currency_rate# euro_currency_rate# is_base_currency? is_euro_currency?
    use_for_new_accounts? exchange_rate_type exchange_rate_amendability_type currency_iso_code_id#
    currency_iso_code{} date_time_created@ date_time_updated@
    """
)
SALES_LEDGER_SETTINGS = _fields(
    """
    id# copy_statements_for_head_offices? allow_batch_processing? auto_generate_account_numbers?
    next_account_number# allow_additional_trans_analysis? use_card_processing? use_transaction_date_for_allocation?
    early_settlement_discount_days# early_settlement_discount_percent# keep_transactions_for#
    archive_transaction_after_keeping? maximum_enquiry_transactions_to_display# show_outstanding_transactions?
    tax_recovery_period# default_tax_code_id# default_terms_agreed? no_of_reporting_periods#
    default_payment_terms_basis default_payment_terms_days# use_account_periods_as_trading_periods? ageing_periods{}
    overdue_periods{} revalue_foreign_entries? statement_terms statement_ageing_terms
    charge_interest_on_finance_charges? default_tax_code{} finance_charges{}* date_time_created@ date_time_updated@
    """
)
SALES_TRANSACTION_VIEW = _fields(
    """
    posted_customer_transaction_id# transaction_type transaction_date@ posted_date@ due_date@ discount_days#
    reference second_reference query status user_name ledger_type urn# exchange_rate# settled_immediately?
    base_goods_value# base_gross_value# base_discount_value# base_tax_value# base_tax_discount_value#
    base_allocated_value# base_outstanding_value# document_goods_value# document_gross_value#
    document_discount_value# document_tax_value# document_tax_discount_value# document_allocated_value#
    document_outstanding_value# customer_id# customer_reference customer_name currency_name currency_symbol
    transaction_date_time_updated@
    """
)
SALES_POSTED_TRANSACTION = _fields(
    """
    id# customer_id# trader_transaction_type reference second_reference queried transaction_date@ posted_date@ due_date@
    full_settlement_date@ document_goods_value# document_gross_value# document_tax_value# document_discount_value#
    discount_percent# document_tax_discount_value# document_allocated_value# document_outstanding_value#
    base_goods_value# base_gross_value# base_tax_value# base_discount_value# base_tax_discount_value#
    base_allocated_value# control_value_in_base_currency# exchange_rate# settled_immediately? discount_days# urn#
    user_name tax_analysis_items{} nominal_analysis_items{} bank_items{} allocation_session_items{}
    allocation_history_items{} customer{} date_time_created@ date_time_updated@
    """
)
SALES_AGED_DEBTOR_VIEW = _fields(
    """
    customer_id# posted_customer_transaction_id# doc_past# doc_future# doc_current# doc_period_1..8# base_past#
    base_future# base_current# base_period_1..8# aged_period_1..8
    """
)
SOP_ORDER = _fields(
    """
    id# customer_id# is_draft? is_editing? is_to_sequence_lines? override_on_hold? recalculate_prices?
    apply_available_document_discount_percent? lock_id# customer_delivery_address_id# suppress_warnings?
    document_no customer_type document_date@ document_status despatch_receipt_status invoice_credit_status
    cancelled_status currency_id# exchange_rate# subtotal_goods_value# subtotal_charge_net_value#
    subtotal_charge_tax_value# subtotal_discount_value# total_net_value# total_tax_value# total_gross_value#
    customer_document_no is_credit_limit_exceeded? use_invoice_address? is_triangulated? settlement_discount_days#
    settlement_discount_percent# document_discount_percent# available_document_discount_percent#
    document_created_by requested_delivery_date@ promised_delivery_date@ quotation_expiry_date@ order_priority
    external_reference payment_with_order? payment_type invoice_payment_with_order_immediately? payment_value#
    payment_reference payment_method_id# payment_declared# payment_undeclared# declared_payment_remaining#
    analysis_code_1..20 spare_text_1..10 spare_number_1..10# spare_date_1..5@ spare_bool_1..5?
    cash_account_invoice_address{} currency{} customer{} delivery_address{} payment_method{} payment_status{}
    profitability{} lines{} memos{} date_time_created@ date_time_updated@
    """
)
