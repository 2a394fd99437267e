# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which names say that a value is a secret, and which only look so."""

from __future__ import annotations

import re
from time import perf_counter

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.secret_names import (
    labels_secret,
    names_secret,
)
from hypothesis import given
from hypothesis import strategies as st

SECRET_NAMES = """
etsy.keystring netsuite.token.id netsuite.consumer.key amazon.merchant.token tenant_key azure.storage.key
pass passwd PASSWORD userPassword user_pwd db.pwd pwd passphrase pass_phrase key.passphrase pin pin.code userPin
credential credentials client_credentials creds secret secretKey secret_key SECRET_KEY accessKey access_key
accesskey access_key_id AccessKeyId aws.access.key.id aws_secret_access_key signing_key signingKey hmac hmac_key
hmac.secret signature webhook.signature bearer bearer_token bearerToken jwt jwt_token saml.assertion assertion
refresh_token refreshToken refreshtoken sas sas_token sasToken connection_string connectionString AccountKey
azure.account.key certificate cert pem client.pem private_key privateKey private_key_pem privatekeypem
rsa.private.key license_key licenseKey licensekey subscription_key subscriptionKey Ocp-Apim-Subscription-Key
auth_code authCode authorization_code authorizationCode otp otp.secret cookie session_cookie session_id sessionId
sessionid SESSIONID jsessionid session.token sessionToken webhook_secret webhookSecret webhook.secret.key
consumer_key consumerKey consumer_secret encryption_key encryptionKey encryption.key salt api_key apikey APIkey
apiKey API_KEY api-key api-token apiToken x-api-key X-API-KEY xApiKey authorize.transactionkey transactionkey
transaction_key id_token idToken access.token accesstoken auth.token authToken mws.auth.token readytalk.passcode
access.code security_code securityCode token token2 tokens token.value password_value passwordHash password_hash
password.encrypted secret_text secretText app_password appPassword application.password sender.password
senderPassword intacct.sender.password braintree.private.key stripe_secret_key shared_secret sharedSecret shared.key
preSharedKey psk master_key masterKey user_key userKey security.answer secret_answer developer.key developerKey
dev_key gooddata.temporary.token temporaryToken csrf_token xsrfToken one_time_password totp_secret mfa_code
verification.code keystore keystore.password truststorePassword ftp.password sftpPassword smtp_password imap.pass
dbpass db_pass userpass zohotoken mailgunapikey mysecret twitterSecret serviceAccountKey service_account_json_key
serviceAccountJson service.account
google.service.account.key json.key client.key server.key pushKey fcm_server_key gcm.api.key bot_token
slack.bot.token verification_token tokenSecret token.secret oauth_token oauthtoken oauth_token_secret oauth_verifier
oauth.consumer.secret oauth2.client.secret oauth2Token OAuthToken OAuthSecret iPaaSToken eBayAuthToken
ebay.auth.token ebayAuthToken secret_id vault.secret_id contraseña passwort basic_auth auth_key authkey
authenticationKey authentication.key merchant.key merchantKey site_secret private_token personal_access_token
personalAccessToken PAT_token apikey1 api.key.2 api_key_v2 api_key_prod api_key_sandbox api_key.test pass1 password2
newPassword old_password current_password securityToken sfdcSecurityToken loginPassword proxy.password proxyPassword
http.basic.password basicPassword signing.secret request_token requesttoken requestSecret accountToken account_token
companyApiKey workspace.token tenant.secret app_key appKey app.key appkey applicationKey application_key partner_key
partnerKey partner.token publicKeyPrivate deviceToken device_code user_token userToken user.secret usersecret
passwordConfirmation password_confirmation tokenData secretBlob api_secret apisecret apiSecret apiSecretKey
restApiKey rest.api.key soapPassword wsdl.password cookie.value sessionCookie session jwt.key jwtSecret
assertion.jwt ssh_key sshKey ssh_private_key pgp.private.key pgp_key pfx pfx_password p12.password cert.password
certificatePassword signature_key hmacKey sha_key client_assertion samlAssertion samlToken sso_token ssoKey ssoToken
magic.token invite_code activation_code license licenseToken dsn sentry.dsn database.connection.string
db.connectionString AzureConnectionString storageAccountKey sharedAccessKey SharedAccessSignature
shared_access_signature sas.key eventhub.sas authorization authorization_header access_token api.key
apikey.authorization.api.key apikey.user.key app.secret appAccessToken authorization.code authorization.key
brighttalk.api.key brighttalk.api.secret client.secret clientSecret crm.zohocrm.authentication.token
google.adwords.developer.token grant_token hireright.password hubspot.authorization.apikey infusionsoft.private.key
mailjet.api.key messaging.sms.twilio.token oauth.api.key oauth.api.secret oauth.app.token oauth.token.secret
oauth.user.token oauth.user.refresh_token oauth.user.token.secret orderful.api.key partner.user.secret password
pipedrive.api.token private.key recurly.api.key requestToken sfdc.api.secret sfdc.security.token
sfdc.session.signature subscription.key token_id token_secret userSubscriptionKeys vcloud.session.token
volusion.encrypted.password event.notification.signature.key event.notification.basic.password integration_key
session.id oauth.verifier saps4.csrf.token ecwid.order.key organizer_key public.key webhook.hash ｐａｓｓｗｏｒｄ
"""

PLAIN_NAMES = """
no.such.key nextPageKey pagination.key id.key attribute_key session_variables jwt_claims jwt.kid amqp.exchange
token_url tokenUrl tokenurl token.endpoint token_endpoint tokenEndpoint token_type tokenType tokentype token.expiry
token_expiry tokenExpiry token.ttl token_ttl token_name tokenName token.header token_header token_param
token.parameter tokenScope token.lifetime token_lifetime token.access access.token.url access_token_url
accessTokenUrl accessTokenUri access_token_type access_token_expires_in refresh_token_url refreshTokenUrl
refresh_token_expiry oauth.refresh_token.url key_name keyName keyname key.field key_field key_path keyPath
key_prefix key.id key_id keyId keyID primary_key primaryKey primarykey foreign_key foreignKey sort_key sortKey
sort.key partition_key partitionKey idField id_field id.field password_policy passwordPolicy password.expiry
password_expiry password_reset_url passwordResetUrl password.reset.url secret_name secretName secret.name secret_arn
secretArn secret.version session_timeout sessionTimeout session.timeout session_url session.url
sfdc.session.instance.url next_page_token nextPageToken page_token pageToken sync_token syncToken start_page_token
apikey.user.password.keyname apikey.authorization.api.key.response_path authorization.url authentication.type
auth.type authType username user_name userName user.name email login login.url account account.id accountId
client_id clientId client.id oauth.client.id tenant_id app_id appId api.version api_url api.endpoint apiVersion
subdomain domain host port region bucket bucket.name database schema scope oauth.scope realm realm.id
oauth.basic.header grant_type grantType signature_method signature.method signatureMethod signature_version
hash.algorithm hashAlgorithm encryption_algorithm signing_algorithm certificate.type certificate_path cert_path
certPath private_key_path privateKeyPath private.key.path key.type keyType key_type key.size key_length
password_length max_password_age password.field passwordField password_field_name usernameField password_param
token_field tokenField tokenPath token.path token_path token.location token_location auth.location authHeader
token.prefix tokenPrefix api_key_name apiKeyName apikey.name api.key.name api_key_header apiKeyHeader
api_key_location api_key_in use_token use_password useToken usePassword is_secret hasPassword enable.token
require.password token.enabled password.required password_required passwordRequired tokenEnabled country_code
countryCode language.code currency_code company.code error_code response_code zip.code areaCode keyword keywords
search.keywords monkey surveymonkey.region surveymonkey turkey hotkey passport.url bypass compass encompass
passthrough passive secretary event.helper.key event.vendor.type event.metadata event.objects
event.poller.configuration event.poller.urls event.notification.enabled event.notification.callback.url
event.notification.subscription.id event.notification.basic.username event.notification.instance.finder
crm.autotask.username crm.autotask.server.url helpdesk.autotask.username pagination.type pagination.max
pagination.page.startindex default.select.fields.map allow.select.fields bulk.query.field_name bulk.query.date_mask
bulk.query.operator bulk.add_metadata bulk.attribute.created_time bulk.query.download_format bulk.relations site.url
feature.enabled refresh.minutes mapping oauth.token.refresh_url oauth.token.revoke_url oauth.user.refresh_interval
oauth.user.refresh_time oauth.request.url base.url filter.response.nulls twitter.screenname microsoft.oauth.realm
quickbooks.realm.id zendesk.subdomain issue.key space.key record_key recordKey lookup.key
unique_key external.key cache_key row_key credential_type credentials.type credential.id credentialId cookie.name
cookie_domain cookie.path session.name session_duration sessionDuration session.expiry pass_through pincode.enabled
continuationToken deltaToken cursor polling.token secret.path secret_region vault.secret.path token_auth_method
token_endpoint_auth_method token.audience token.issuer oauth.token.method token_request_method jwt.issuer
jwt.audience jwt.algorithm jwt_expiry hmac_algorithm otp.length otp.enabled mfa.enabled mfa.type sso.url sso.enabled
saml.issuer saml.url salt_length hash_type webhook.url webhook_id webhook.type callback.url authentication.mode
token.format token_format token_grace_period tokenRefreshInterval token.refresh.interval token_refresh_url
password_last_changed passwordLastChanged password.hint user.id userId account_sid twilio.account.sid
signature.header signature_header_name signature.algorithm apikey.authorization.api.refreshtime.seconds
apikey.region apikey.user.name apikey.host apikey.authorization.url color user url name signing.key.id key_version
keyVersion encryption.key.arn kms.key.arn kms_key_alias key.alias token_count tokenLimit max_tokens maxTokens
token_limit tokens.per.minute license.type license_number licenseExpiry secret.engine.url secretManagerUrl
description timezone locale object.name table.name folder.path file.name filename directory queue topic exchange
vhost limit offset sort.order sort.field date.format adobe-esign.api.user apikey.authorization.api.key.keyname
auth.url helpdesk.zendesk.tokenaccess oauth.api.scope oauth.authorization.url oauth.callback.url
oauth.request.authorization.type oauth.token.url oauth.token_type oauth.user.id parameter.auth sfdc.token.url
sharefile.auth.url event.poller.refresh_interval calendarEvents.syncToken googledrive.polling.token
cassandra.keyspace keyboard login.id preauthorization ключ 1 _ .
"""


@pytest.mark.parametrize("name", [*SECRET_NAMES.split(), "pass\u200bword"])
def test_a_name_of_a_secret_is_known_in_any_spelling(name: str) -> None:
    assert names_secret(name)


@pytest.mark.parametrize("name", PLAIN_NAMES.split())
def test_a_name_that_only_looks_like_a_secret_stays_plain(name: str) -> None:
    assert not names_secret(name)


@pytest.mark.parametrize("noun", ["password", "secret", "api.key", "access.token", "private.key", "signature"])
@pytest.mark.parametrize("vendor", ["acme", "crm.acme", "zebra9", "münchen"])
def test_vendor_and_spelling_change_nothing(noun: str, vendor: str) -> None:
    words = noun.split(".")
    spellings = {separator.join(words) for separator in (".", "_", "-", "")}
    spellings |= {"".join(map(str.capitalize, words)), words[0] + "".join(map(str.capitalize, words[1:]))}

    assert [each for each in spellings for sep in "._-" if not names_secret(f"{vendor}{sep}{each}")] == []
    assert not any(names_secret(f"{vendor}.{each}.url") for each in spellings)
    assert not any(names_secret(f"{vendor}_{each}_type") for each in spellings)


@pytest.mark.parametrize(
    ("name", "label", "secret"),
    [
        ("username", "API Key", True),
        ("acme.user", "Your API token", True),
        ("login", "API Key (username)", True),
        ("username", "API key of your account", True),
        ("username", "Username", False),
        ("username", "Email for your API key", False),
        ("username", "Account SID", False),
        ("username", "", False),
        ("site.url", "API Key", False),
        ("", "API Key", False),
    ],
)
def test_a_login_that_people_are_asked_a_key_for_is_a_secret(name: str, label: str, secret: bool) -> None:
    assert labels_secret(name, label) == secret


@given(st.text(max_size=40))
def test_any_text_is_decided_and_its_case_as_one_word_does_not_matter(name: str) -> None:
    assert names_secret(name) in (True, False)
    word = re.sub("[^a-z]", "", name)
    assert names_secret(word) == names_secret(word.upper())


def test_a_long_name_is_decided_in_no_time() -> None:
    began = perf_counter()
    names_secret("token" * 2000 + "x")
    names_secret("keyid" * 2000 + "q")

    assert perf_counter() - began < 5
