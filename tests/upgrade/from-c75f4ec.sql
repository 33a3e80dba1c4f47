BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE article (
	id INTEGER NOT NULL, 
	department_id INTEGER NOT NULL, 
	ticket_id INTEGER, 
	language VARCHAR(64) NOT NULL, 
	visibility VARCHAR(64) NOT NULL, 
	state VARCHAR(64) NOT NULL, 
	title VARCHAR NOT NULL, 
	body TEXT NOT NULL, 
	author_id INTEGER, 
	created_at INTEGER NOT NULL, 
	updated_at INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	marks JSON NOT NULL, 
	CONSTRAINT pk_article PRIMARY KEY (id), 
	CONSTRAINT fk_article_department_id FOREIGN KEY(department_id) REFERENCES department (id), 
	CONSTRAINT fk_article_ticket_id FOREIGN KEY(ticket_id) REFERENCES ticket (id)
);
CREATE TABLE attachment (
	id INTEGER NOT NULL, 
	message_id INTEGER, 
	position INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	content_type VARCHAR NOT NULL, 
	size INTEGER NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	content_id VARCHAR, 
	inline BOOLEAN NOT NULL, 
	CONSTRAINT pk_attachment PRIMARY KEY (id), 
	CONSTRAINT fk_attachment_message_id FOREIGN KEY(message_id) REFERENCES message (id), 
	CONSTRAINT fk_attachment_sha256 FOREIGN KEY(sha256) REFERENCES blob (sha256)
);
CREATE TABLE blob (
	sha256 VARCHAR(64) NOT NULL, 
	size INTEGER NOT NULL, 
	refs INTEGER NOT NULL, 
	packed BOOLEAN NOT NULL, 
	data BLOB NOT NULL, 
	CONSTRAINT pk_blob PRIMARY KEY (sha256)
);
INSERT INTO "blob" VALUES('df9989f8bad808398a7aa0969369c30633dd8fe308894b800f2c85a72ec840a9',251,1,1,X'785E5D8E314FC3301085774BFE0FA7CE389009645A54095AA943A756305F9C4B6A70CED19D03EDBF6F108881E5E90D4FDFFBB692070F0794086F53426EBFDB52E75CD31987315115F2F064CD317B5092CF18689D880B0956BF0B6B0E53F34EA178D84A6C7B82DA9A3DA9624F6EF7E26159FF833DE719C0C51D2F237928742EB763C2C88F104E284A65B5984AE71E16D6FC4D05593B12B7E190DBC8BD87FB2696F968B7DFB857128D993DD4D59D35B3ED89A0FB7149841F7A033C0D0D09D41EBE3016ADACB90206CA5305');
INSERT INTO "blob" VALUES('252ff33480e58531a8113d8ab407ec21dda417f7c5a7d29edc11146a44cbcc77',255,1,1,X'785E5D8E314FC3301484774BFE0F4F9D71802C20D3A24AD04A1D3AB582D9712E8921798E9E6D54FE3D41200696D30DA7EFBEBDC4C9D2C949A0D7323A6EBFDB3A2DB9C5C54DF388CAC7E951AB73B494201FC1633B8233C455BF0BAD4EA57983CF96F612DA1E546B75444AAE87393C5B5AD7FF604F71017036E7CF1996322EF97A1E5DE007F2839384BC5995DC99FB95567F53719C3A88D9B18F6DE0DED25D13F2727438EECC0B2485C8966EAB1BAD16DB01D4FDB88C70EFE98AB84C0D846A4B85732C7E405B69F5055CA054AF');
INSERT INTO "blob" VALUES('5914bdebbd3fee019e2bdf8010997a26712c1233553dbdf6bd75d2f9dbeb2f29',254,1,1,X'785E5D8E314FC3301484774BFE0F4F9D7128CA003205558256EAD0A915CC2FCE253575ECE8D9A9CABF2708C4C072BAE1F4DDB79534583AB0787A9F02C7F6BBADF29C6B5C7918032A978667AD8EC952865CBCC33A20160857BF0BAD0E53F301572C6DC5B73DA8D66A8F9CB987D9BD5A5AD5FF602F6906C4628E9F232C155CCBED18D8C7477227968CF2B4984A671E165AFD4D8563EE2066135D6A7DEC2DDD37BECC47BBFDC6BC41B24FD1D25DB5D46AB63D81BA1F97003EE71B8AD3D040A8B624C8295CD0565A7D0107F45447');
INSERT INTO "blob" VALUES('8fa31dbcc645e73224e91880bd0942009d416936be6c87940982a56c6d2cfb08',252,1,1,X'785E5D8E414B03311484EF81FC8747CF66ADB0A0C4560ADA420F3DB5E8F96D76769B9A4D9697ACD47FEF8AE2C1CB3087E19B6F2769B07464F1F436058EED775BE53937B8F23006542E0D4F5A9D92A50CF9F00E9B8058205CFD2EB43A4ECD05AE58DA896F7B50ADD50139730FB37FB1B4AAFFC19ED30C88C59C3E47582AB896DB31B08F8FE4CE2C1965BD984A671E165AFD4D8563EE20661B5D6A7DEC2DDD37BECC47FBC3D6BC42B24FD1D25DB5D46AB63D83BA1F97007ECF3714A7A181506DC98594D1565A7D015E745360');
CREATE TABLE calendar (
	id INTEGER NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	data JSON NOT NULL, 
	CONSTRAINT pk_calendar PRIMARY KEY (id), 
	CONSTRAINT uq_calendar_name UNIQUE (name)
);
CREATE TABLE caught_mail (
	id INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	sender VARCHAR NOT NULL, 
	recipients JSON NOT NULL, 
	subject VARCHAR NOT NULL, 
	raw TEXT NOT NULL, 
	ticket_id INTEGER, 
	"key" VARCHAR(200), 
	CONSTRAINT pk_caught_mail PRIMARY KEY (id), 
	CONSTRAINT uq_caught_mail_key UNIQUE ("key")
);
INSERT INTO "caught_mail" VALUES(1,1704241712675,'service@lentera.example','["sari@example.com"]','We have received your request: Fridge 1','From: Service <service@lentera.example>
To: Sari Wulandari <sari@example.com>
Subject: We have received your request: Fridge 1 [#gnzsdg7xupftews6]
Date: Wed, 25 Nov 2026 00:28:32 +0000
Message-ID: <t.m37cp6u7ffkcexuq.wr7o6ra7oswmje367iguwoup@estafet.localhost>
In-Reply-To: <1@example.com>
References: <1@example.com>
Auto-Submitted: auto-replied
X-Auto-Response-Suppress: All
X-Estafet-Desk: 8bbe8d876de18792
Content-Language: en
MIME-Version: 1.0
Content-Type: multipart/alternative;
 boundary="=_5a685f8b09f395c0c37996f4fd8bcffa"

--=_5a685f8b09f395c0c37996f4fd8bcffa
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

Dear Sari Wulandari,

thank you for writing to us. Your request has arrived and Service is lookin=
g after it. We usually answer within 8 working hours.

You can follow it, add something and see every answer here, without an acco=
unt:
http://127.0.0.1:45637/r/WzEsMSwxXQ.qGr6Xt54NRVjwbprdQiR8Gv1-wA

Or simply answer this mail.

Service

--=_5a685f8b09f395c0c37996f4fd8bcffa
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

<!DOCTYPE html><html lang=3D"en"><head><meta charset=3D"utf-8"><meta name=
=3D"viewport" content=3D"width=3Ddevice-width"><meta name=3D"color-scheme" =
content=3D"light dark"></head><body><div style=3D"font-family: system-ui, -=
apple-system, ''Segoe UI'', Roboto, Arial, sans-serif;font-size: 15px;line-he=
ight: 1.5;"><p style=3D"margin: 0 0 12px;">Dear Sari Wulandari,</p>
<p style=3D"margin: 0 0 12px;">thank you for writing to us. Your request ha=
s arrived and Service is looking after it. We usually answer within 8 worki=
ng hours.</p>
<p style=3D"margin: 0 0 12px;">You can follow it, add something and see eve=
ry answer here, without an account:<br>
http://127.0.0.1:45637/r/WzEsMSwxXQ.qGr6Xt54NRVjwbprdQiR8Gv1-wA</p>
<p style=3D"margin: 0 0 12px;">Or simply answer this mail.</p>
<p style=3D"margin: 0 0 12px;">Service</p>
</div></body></html>
--=_5a685f8b09f395c0c37996f4fd8bcffa--
',1,'1/1/received:notify');
INSERT INTO "caught_mail" VALUES(2,1704241713081,'service@lentera.example','["sari@example.com"]','We have received your request: Fridge 2','From: Service <service@lentera.example>
To: Sari Wulandari <sari@example.com>
Subject: We have received your request: Fridge 2 [#vvw5xteyml5dsef5]
Date: Wed, 25 Nov 2026 00:28:32 +0000
Message-ID: <t.yw42h43qk5k2xrot.i2kl7mqwdbd2p4p6mmeprrns@estafet.localhost>
In-Reply-To: <2@example.com>
References: <2@example.com>
Auto-Submitted: auto-replied
X-Auto-Response-Suppress: All
X-Estafet-Desk: 8bbe8d876de18792
Content-Language: en
MIME-Version: 1.0
Content-Type: multipart/alternative;
 boundary="=_68e6c3be5f9e718ff5a106e59d66612a"

--=_68e6c3be5f9e718ff5a106e59d66612a
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

Dear Sari Wulandari,

thank you for writing to us. Your request has arrived and Service is lookin=
g after it. We usually answer within 8 working hours.

You can follow it, add something and see every answer here, without an acco=
unt:
http://127.0.0.1:45637/r/WzIsMSwxXQ.GSKcPolhxmfmAUhu8bvvqm4gqN0

Or simply answer this mail.

Service

--=_68e6c3be5f9e718ff5a106e59d66612a
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

<!DOCTYPE html><html lang=3D"en"><head><meta charset=3D"utf-8"><meta name=
=3D"viewport" content=3D"width=3Ddevice-width"><meta name=3D"color-scheme" =
content=3D"light dark"></head><body><div style=3D"font-family: system-ui, -=
apple-system, ''Segoe UI'', Roboto, Arial, sans-serif;font-size: 15px;line-he=
ight: 1.5;"><p style=3D"margin: 0 0 12px;">Dear Sari Wulandari,</p>
<p style=3D"margin: 0 0 12px;">thank you for writing to us. Your request ha=
s arrived and Service is looking after it. We usually answer within 8 worki=
ng hours.</p>
<p style=3D"margin: 0 0 12px;">You can follow it, add something and see eve=
ry answer here, without an account:<br>
http://127.0.0.1:45637/r/WzIsMSwxXQ.GSKcPolhxmfmAUhu8bvvqm4gqN0</p>
<p style=3D"margin: 0 0 12px;">Or simply answer this mail.</p>
<p style=3D"margin: 0 0 12px;">Service</p>
</div></body></html>
--=_68e6c3be5f9e718ff5a106e59d66612a--
',2,'2/2/received:notify');
INSERT INTO "caught_mail" VALUES(3,1704241713104,'service@lentera.example','["sari@example.com"]','We have received your request: Fridge 3','From: Service <service@lentera.example>
To: Sari Wulandari <sari@example.com>
Subject: We have received your request: Fridge 3 [#dcfrpbabgkxmjaql]
Date: Wed, 25 Nov 2026 00:28:32 +0000
Message-ID: <t.sotultcfvxdxm3o6.ft73rlkp6ue4c3bxzg3xaj3j@estafet.localhost>
In-Reply-To: <3@example.com>
References: <3@example.com>
Auto-Submitted: auto-replied
X-Auto-Response-Suppress: All
X-Estafet-Desk: 8bbe8d876de18792
Content-Language: en
MIME-Version: 1.0
Content-Type: multipart/alternative;
 boundary="=_4df97f9ee0bea71e860f779d274ef252"

--=_4df97f9ee0bea71e860f779d274ef252
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

Dear Sari Wulandari,

thank you for writing to us. Your request has arrived and Service is lookin=
g after it. We usually answer within 8 working hours.

You can follow it, add something and see every answer here, without an acco=
unt:
http://127.0.0.1:45637/r/WzMsMSwxXQ.UmvNLYuDM3Z5R3u4mc561xUiExA

Or simply answer this mail.

Service

--=_4df97f9ee0bea71e860f779d274ef252
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

<!DOCTYPE html><html lang=3D"en"><head><meta charset=3D"utf-8"><meta name=
=3D"viewport" content=3D"width=3Ddevice-width"><meta name=3D"color-scheme" =
content=3D"light dark"></head><body><div style=3D"font-family: system-ui, -=
apple-system, ''Segoe UI'', Roboto, Arial, sans-serif;font-size: 15px;line-he=
ight: 1.5;"><p style=3D"margin: 0 0 12px;">Dear Sari Wulandari,</p>
<p style=3D"margin: 0 0 12px;">thank you for writing to us. Your request ha=
s arrived and Service is looking after it. We usually answer within 8 worki=
ng hours.</p>
<p style=3D"margin: 0 0 12px;">You can follow it, add something and see eve=
ry answer here, without an account:<br>
http://127.0.0.1:45637/r/WzMsMSwxXQ.UmvNLYuDM3Z5R3u4mc561xUiExA</p>
<p style=3D"margin: 0 0 12px;">Or simply answer this mail.</p>
<p style=3D"margin: 0 0 12px;">Service</p>
</div></body></html>
--=_4df97f9ee0bea71e860f779d274ef252--
',3,'3/3/received:notify');
INSERT INTO "caught_mail" VALUES(4,1704241713181,'service@lentera.example','["sari@example.com"]','Re: Fridge 1','From: "Ani (Service)" <service@lentera.example>
To: Sari Wulandari <sari@example.com>
Subject: Re: Fridge 1 [#gnzsdg7xupftews6]
Date: Wed, 25 Nov 2026 00:28:32 +0000
Message-ID: <t.gzjgj3jr4rhynzic.ag2a3bsahbzexn7uhkm55sz6@estafet.localhost>
In-Reply-To: <1@example.com>
References: <1@example.com>
 <t.m37cp6u7ffkcexuq.wr7o6ra7oswmje367iguwoup@estafet.localhost>
X-Estafet-Desk: 8bbe8d876de18792
Content-Language: en
MIME-Version: 1.0
Content-Type: multipart/alternative;
 boundary="=_1dfe40a754df0e719154f540a990e1a4"

--=_1dfe40a754df0e719154f540a990e1a4
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

Which model is it?

Ani
Service

--=_1dfe40a754df0e719154f540a990e1a4
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

<!DOCTYPE html><html lang=3D"en"><head><meta charset=3D"utf-8"><meta name=
=3D"viewport" content=3D"width=3Ddevice-width"><meta name=3D"color-scheme" =
content=3D"light dark"></head><body><div style=3D"font-family: system-ui, -=
apple-system, ''Segoe UI'', Roboto, Arial, sans-serif;font-size: 15px;line-he=
ight: 1.5;"><p style=3D"margin: 0 0 12px;">Which model is it?</p>
<p style=3D"margin: 0 0 12px;">Ani<br>
Service</p>
</div></body></html>
--=_1dfe40a754df0e719154f540a990e1a4--
',1,'1/message/9');
INSERT INTO "caught_mail" VALUES(5,1704241713234,'service@lentera.example','["sari@example.com"]','Solved: Fridge 4','From: Service <service@lentera.example>
To: Sari Wulandari <sari@example.com>
Subject: Solved: Fridge 4 [#2g5kf535mmbrj5qh]
Date: Wed, 25 Nov 2026 00:28:32 +0000
Message-ID: <t.ij5knozmmpt4tyoy.yany2i4x3jmp4lm3zk67hxhq@estafet.localhost>
In-Reply-To: <4@example.com>
References: <4@example.com>
Auto-Submitted: auto-replied
X-Auto-Response-Suppress: All
X-Estafet-Desk: 8bbe8d876de18792
Content-Language: en
MIME-Version: 1.0
Content-Type: multipart/alternative;
 boundary="=_87dd7d5c11af64834295e6d3411580b7"

--=_87dd7d5c11af64834295e6d3411580b7
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

Dear Sari Wulandari,

we consider your request solved:

A new heater.

If something is still open, answer this mail or write here; we will then go=
 on at once:
http://127.0.0.1:45637/r/WzQsMSwxXQ.o_MbLlEfN_hO6AreHrlNVEXI14w

Service

--=_87dd7d5c11af64834295e6d3411580b7
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

<!DOCTYPE html><html lang=3D"en"><head><meta charset=3D"utf-8"><meta name=
=3D"viewport" content=3D"width=3Ddevice-width"><meta name=3D"color-scheme" =
content=3D"light dark"></head><body><div style=3D"font-family: system-ui, -=
apple-system, ''Segoe UI'', Roboto, Arial, sans-serif;font-size: 15px;line-he=
ight: 1.5;"><p style=3D"margin: 0 0 12px;">Dear Sari Wulandari,</p>
<p style=3D"margin: 0 0 12px;">we consider your request solved:</p>
<p style=3D"margin: 0 0 12px;">A new heater.</p>
<p style=3D"margin: 0 0 12px;">If something is still open, answer this mail=
 or write here; we will then go on at once:<br>
http://127.0.0.1:45637/r/WzQsMSwxXQ.o_MbLlEfN_hO6AreHrlNVEXI14w</p>
<p style=3D"margin: 0 0 12px;">Service</p>
</div></body></html>
--=_87dd7d5c11af64834295e6d3411580b7--
',4,'4/4/tell:notify');
INSERT INTO "caught_mail" VALUES(6,1704241713231,'service@lentera.example','["sari@example.com"]','We have received your request: Fridge 4','From: Service <service@lentera.example>
To: Sari Wulandari <sari@example.com>
Subject: We have received your request: Fridge 4 [#2g5kf535mmbrj5qh]
Date: Wed, 25 Nov 2026 00:28:32 +0000
Message-ID: <t.fwclr2qlq7zkr3hf.ssskntqqgbkcqwshmzv7x4lx@estafet.localhost>
In-Reply-To: <4@example.com>
References: <4@example.com>
Auto-Submitted: auto-replied
X-Auto-Response-Suppress: All
X-Estafet-Desk: 8bbe8d876de18792
Content-Language: en
MIME-Version: 1.0
Content-Type: multipart/alternative;
 boundary="=_55b473a8ab27f91916ecbf468e673641"

--=_55b473a8ab27f91916ecbf468e673641
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

Dear Sari Wulandari,

thank you for writing to us. Your request has arrived and Service is lookin=
g after it. We usually answer within 8 working hours.

You can follow it, add something and see every answer here, without an acco=
unt:
http://127.0.0.1:45637/r/WzQsMSwxXQ.o_MbLlEfN_hO6AreHrlNVEXI14w

Or simply answer this mail.

Service

--=_55b473a8ab27f91916ecbf468e673641
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

<!DOCTYPE html><html lang=3D"en"><head><meta charset=3D"utf-8"><meta name=
=3D"viewport" content=3D"width=3Ddevice-width"><meta name=3D"color-scheme" =
content=3D"light dark"></head><body><div style=3D"font-family: system-ui, -=
apple-system, ''Segoe UI'', Roboto, Arial, sans-serif;font-size: 15px;line-he=
ight: 1.5;"><p style=3D"margin: 0 0 12px;">Dear Sari Wulandari,</p>
<p style=3D"margin: 0 0 12px;">thank you for writing to us. Your request ha=
s arrived and Service is looking after it. We usually answer within 8 worki=
ng hours.</p>
<p style=3D"margin: 0 0 12px;">You can follow it, add something and see eve=
ry answer here, without an account:<br>
http://127.0.0.1:45637/r/WzQsMSwxXQ.o_MbLlEfN_hO6AreHrlNVEXI14w</p>
<p style=3D"margin: 0 0 12px;">Or simply answer this mail.</p>
<p style=3D"margin: 0 0 12px;">Service</p>
</div></body></html>
--=_55b473a8ab27f91916ecbf468e673641--
',4,'4/4/received:notify');
INSERT INTO "caught_mail" VALUES(7,1704241713298,'service@lentera.example','["sari@example.com"]','Solved: Fridge 3','From: Service <service@lentera.example>
To: Sari Wulandari <sari@example.com>
Subject: Solved: Fridge 3 [#dcfrpbabgkxmjaql]
Date: Wed, 25 Nov 2026 00:28:32 +0000
Message-ID: <t.vcvp45aid325kgmq.gtotndfjfok4ungzjxrypxoy@estafet.localhost>
In-Reply-To: <3@example.com>
References: <3@example.com>
 <t.sotultcfvxdxm3o6.ft73rlkp6ue4c3bxzg3xaj3j@estafet.localhost>
Auto-Submitted: auto-replied
X-Auto-Response-Suppress: All
X-Estafet-Desk: 8bbe8d876de18792
Content-Language: en
MIME-Version: 1.0
Content-Type: multipart/alternative;
 boundary="=_0b3bf05ecba84366445c8c5ea369a995"

--=_0b3bf05ecba84366445c8c5ea369a995
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

Dear Sari Wulandari,

we consider your request solved:

A new heater.

If something is still open, answer this mail or write here; we will then go=
 on at once:
http://127.0.0.1:45637/r/WzMsMSwxXQ.UmvNLYuDM3Z5R3u4mc561xUiExA

Service

--=_0b3bf05ecba84366445c8c5ea369a995
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

<!DOCTYPE html><html lang=3D"en"><head><meta charset=3D"utf-8"><meta name=
=3D"viewport" content=3D"width=3Ddevice-width"><meta name=3D"color-scheme" =
content=3D"light dark"></head><body><div style=3D"font-family: system-ui, -=
apple-system, ''Segoe UI'', Roboto, Arial, sans-serif;font-size: 15px;line-he=
ight: 1.5;"><p style=3D"margin: 0 0 12px;">Dear Sari Wulandari,</p>
<p style=3D"margin: 0 0 12px;">we consider your request solved:</p>
<p style=3D"margin: 0 0 12px;">A new heater.</p>
<p style=3D"margin: 0 0 12px;">If something is still open, answer this mail=
 or write here; we will then go on at once:<br>
http://127.0.0.1:45637/r/WzMsMSwxXQ.UmvNLYuDM3Z5R3u4mc561xUiExA</p>
<p style=3D"margin: 0 0 12px;">Service</p>
</div></body></html>
--=_0b3bf05ecba84366445c8c5ea369a995--
',3,'3/3/tell:notify');
CREATE TABLE customer (
	id INTEGER NOT NULL, 
	email VARCHAR(254), 
	name VARCHAR NOT NULL, 
	phone VARCHAR(64), 
	language VARCHAR(64) NOT NULL, 
	klass VARCHAR(64) NOT NULL, 
	organisation_id INTEGER, 
	verified BOOLEAN NOT NULL, 
	created_at INTEGER NOT NULL, 
	link_epoch INTEGER NOT NULL, 
	CONSTRAINT pk_customer PRIMARY KEY (id), 
	CONSTRAINT fk_customer_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id), 
	CONSTRAINT uq_customer_email UNIQUE (email)
);
INSERT INTO "customer" VALUES(1,'sari@example.com','Sari Wulandari',NULL,'en','standard',NULL,0,1704241712449,1);
CREATE TABLE department (
	id INTEGER NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	title VARCHAR NOT NULL, 
	address VARCHAR(254), 
	language VARCHAR(64) NOT NULL, 
	calendar_id INTEGER, 
	manager_id INTEGER, 
	default_team_id INTEGER, 
	promise_minutes INTEGER NOT NULL, 
	quiet_hours INTEGER NOT NULL, 
	queue_order VARCHAR(64) NOT NULL, 
	signature TEXT NOT NULL, 
	CONSTRAINT pk_department PRIMARY KEY (id), 
	CONSTRAINT fk_department_calendar_id FOREIGN KEY(calendar_id) REFERENCES calendar (id), 
	CONSTRAINT uq_department_address UNIQUE (address), 
	CONSTRAINT uq_department_name UNIQUE (name)
);
INSERT INTO "department" VALUES(1,'service','Service','service@lentera.example','en',NULL,NULL,1,480,72,'vip_lane','');
CREATE TABLE effect (
	"key" VARCHAR(200) NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	run_id INTEGER, 
	step_id INTEGER, 
	kind VARCHAR(64) NOT NULL, 
	title VARCHAR(64) NOT NULL, 
	state VARCHAR(64) NOT NULL, 
	attempts INTEGER NOT NULL, 
	planned_at INTEGER NOT NULL, 
	next_at INTEGER, 
	attempted_at INTEGER, 
	ended_at INTEGER, 
	payload JSON NOT NULL, 
	result JSON, 
	detail TEXT, 
	CONSTRAINT pk_effect PRIMARY KEY ("key"), 
	CONSTRAINT fk_effect_ticket_id FOREIGN KEY(ticket_id) REFERENCES ticket (id)
);
INSERT INTO "effect" VALUES('1/1/received:notify',1,1,NULL,'send_mail','received','done',1,1704241712449,NULL,1704241712587,1704241712675,'{"message": 2}','null',NULL);
INSERT INTO "effect" VALUES('2/2/received:notify',2,2,NULL,'send_mail','received','done',1,1704241712547,NULL,1704241712696,1704241713081,'{"message": 4}','null',NULL);
INSERT INTO "effect" VALUES('3/3/received:notify',3,3,NULL,'send_mail','received','done',1,1704241712669,NULL,1704241712834,1704241713104,'{"message": 6}','null',NULL);
INSERT INTO "effect" VALUES('4/4/received:notify',4,4,NULL,'send_mail','received','done',1,1704241712831,NULL,1704241713218,1704241713231,'{"message": 8}','null',NULL);
INSERT INTO "effect" VALUES('1/message/9',1,NULL,NULL,'send_mail','reply','done',1,1704241712873,NULL,1704241713164,1704241713181,'{"message": 9}','null',NULL);
INSERT INTO "effect" VALUES('3/3/tell:notify',3,3,NULL,'send_mail','tell','done',1,1704241712910,NULL,1704241713276,1704241713298,'{"message": 10}','null',NULL);
INSERT INTO "effect" VALUES('4/4/tell:notify',4,4,NULL,'send_mail','tell','done',1,1704241712999,NULL,1704241713222,1704241713234,'{"message": 11}','null',NULL);
INSERT INTO "effect" VALUES('5/5/received:notify',5,5,NULL,'send_mail','received','planned',0,1704241721532,1704241781532,NULL,NULL,'{"message": 13}',NULL,NULL);
INSERT INTO "effect" VALUES('6/6/received:notify',6,6,NULL,'send_mail','received','attempting',1,1704241721640,1704241826667,1704241721667,NULL,'{"message": 15}',NULL,NULL);
CREATE TABLE event (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	stream VARCHAR(64) NOT NULL, 
	stream_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	kind VARCHAR(64) NOT NULL, 
	actor_kind VARCHAR(64) NOT NULL, 
	actor_id INTEGER, 
	cause INTEGER, 
	department_id INTEGER, 
	data JSON NOT NULL, 
	CONSTRAINT uq_event_stream_stream_id_seq UNIQUE (stream, stream_id, seq)
);
INSERT INTO "event" VALUES(1,'sop',1,1,1704241705594,'sop.published','system',NULL,NULL,NULL,'{"v": 1, "version": 1, "number": 1}');
INSERT INTO "event" VALUES(2,'organisation',1,1,1704241705654,'department.created','system',NULL,NULL,1,'{"v": 1}');
INSERT INTO "event" VALUES(3,'organisation',1,2,1704241705664,'team.created','system',NULL,NULL,1,'{"v": 1, "team": 1}');
INSERT INTO "event" VALUES(4,'person',1,1,1704241705673,'person.added','system',NULL,NULL,1,'{"v": 1, "role": "agent"}');
INSERT INTO "event" VALUES(5,'ticket',1,1,1704241712449,'ticket.opened','customer',1,NULL,1,'{"v": 1, "channel": "email", "customer": 1, "department": 1, "team": 1, "priority": 3}');
INSERT INTO "event" VALUES(6,'ticket',1,2,1704241712449,'step.done','flow',NULL,NULL,1,'{"v": 1, "step": "received", "path": "received", "kind": "notify", "state": "done", "outcome": "done", "by": "flow"}');
INSERT INTO "event" VALUES(7,'ticket',1,3,1704241712449,'step.done','flow',NULL,NULL,1,'{"v": 1, "step": "take", "path": "take", "kind": "assign", "state": "done", "outcome": "assigned", "by": "flow"}');
INSERT INTO "event" VALUES(8,'ticket',1,4,1704241712449,'step.opened','flow',NULL,NULL,1,'{"v": 1, "step": "work", "path": "work", "kind": "task"}');
INSERT INTO "event" VALUES(9,'ticket',1,5,1704241712449,'ticket.assigned','flow',NULL,NULL,1,'{"v": 1, "to": {"kind": "person", "id": 1}, "team": 1, "from": null, "step": "take", "why": {"by": "least_busy", "team": 1, "open": 0, "others": {}, "passed_over": {}}}');
INSERT INTO "event" VALUES(10,'ticket',1,6,1704241712449,'ticket.changed','flow',NULL,NULL,1,'{"v": 1, "property": "status", "from": "open", "to": "in_progress"}');
INSERT INTO "event" VALUES(11,'ticket',1,7,1704241712449,'message.sent','flow',NULL,NULL,1,'{"v": 1, "template": "received", "step": "received", "automatic": true}');
INSERT INTO "event" VALUES(12,'ticket',2,1,1704241712547,'ticket.opened','customer',1,NULL,1,'{"v": 1, "channel": "email", "customer": 1, "department": 1, "team": 1, "priority": 3}');
INSERT INTO "event" VALUES(13,'ticket',2,2,1704241712547,'step.done','flow',NULL,NULL,1,'{"v": 1, "step": "received", "path": "received", "kind": "notify", "state": "done", "outcome": "done", "by": "flow"}');
INSERT INTO "event" VALUES(14,'ticket',2,3,1704241712547,'step.done','flow',NULL,NULL,1,'{"v": 1, "step": "take", "path": "take", "kind": "assign", "state": "done", "outcome": "assigned", "by": "flow"}');
INSERT INTO "event" VALUES(15,'ticket',2,4,1704241712547,'step.opened','flow',NULL,NULL,1,'{"v": 1, "step": "work", "path": "work", "kind": "task"}');
INSERT INTO "event" VALUES(16,'ticket',2,5,1704241712547,'ticket.assigned','flow',NULL,NULL,1,'{"v": 1, "to": {"kind": "person", "id": 1}, "team": 1, "from": null, "step": "take", "why": {"by": "least_busy", "team": 1, "open": 1, "others": {}, "passed_over": {}}}');
INSERT INTO "event" VALUES(17,'ticket',2,6,1704241712547,'ticket.changed','flow',NULL,NULL,1,'{"v": 1, "property": "status", "from": "open", "to": "in_progress"}');
INSERT INTO "event" VALUES(18,'ticket',2,7,1704241712547,'message.sent','flow',NULL,NULL,1,'{"v": 1, "template": "received", "step": "received", "automatic": true}');
INSERT INTO "event" VALUES(19,'ticket',3,1,1704241712669,'ticket.opened','customer',1,NULL,1,'{"v": 1, "channel": "email", "customer": 1, "department": 1, "team": 1, "priority": 3}');
INSERT INTO "event" VALUES(20,'ticket',3,2,1704241712669,'step.done','flow',NULL,NULL,1,'{"v": 1, "step": "received", "path": "received", "kind": "notify", "state": "done", "outcome": "done", "by": "flow"}');
INSERT INTO "event" VALUES(21,'ticket',3,3,1704241712669,'step.done','flow',NULL,NULL,1,'{"v": 1, "step": "take", "path": "take", "kind": "assign", "state": "done", "outcome": "assigned", "by": "flow"}');
INSERT INTO "event" VALUES(22,'ticket',3,4,1704241712669,'step.opened','flow',NULL,NULL,1,'{"v": 1, "step": "work", "path": "work", "kind": "task"}');
INSERT INTO "event" VALUES(23,'ticket',3,5,1704241712669,'ticket.assigned','flow',NULL,NULL,1,'{"v": 1, "to": {"kind": "person", "id": 1}, "team": 1, "from": null, "step": "take", "why": {"by": "least_busy", "team": 1, "open": 2, "others": {}, "passed_over": {}}}');
INSERT INTO "event" VALUES(24,'ticket',3,6,1704241712669,'ticket.changed','flow',NULL,NULL,1,'{"v": 1, "property": "status", "from": "open", "to": "in_progress"}');
INSERT INTO "event" VALUES(25,'ticket',3,7,1704241712669,'message.sent','flow',NULL,NULL,1,'{"v": 1, "template": "received", "step": "received", "automatic": true}');
INSERT INTO "event" VALUES(26,'ticket',1,8,1704241712675,'effect.done','flow',NULL,NULL,1,'{"v": 1, "key": "1/1/received:notify", "kind": "send_mail", "step": "received"}');
INSERT INTO "event" VALUES(27,'ticket',4,1,1704241712831,'ticket.opened','customer',1,NULL,1,'{"v": 1, "channel": "email", "customer": 1, "department": 1, "team": 1, "priority": 3}');
INSERT INTO "event" VALUES(28,'ticket',4,2,1704241712831,'step.done','flow',NULL,NULL,1,'{"v": 1, "step": "received", "path": "received", "kind": "notify", "state": "done", "outcome": "done", "by": "flow"}');
INSERT INTO "event" VALUES(29,'ticket',4,3,1704241712831,'step.done','flow',NULL,NULL,1,'{"v": 1, "step": "take", "path": "take", "kind": "assign", "state": "done", "outcome": "assigned", "by": "flow"}');
INSERT INTO "event" VALUES(30,'ticket',4,4,1704241712831,'step.opened','flow',NULL,NULL,1,'{"v": 1, "step": "work", "path": "work", "kind": "task"}');
INSERT INTO "event" VALUES(31,'ticket',4,5,1704241712831,'ticket.assigned','flow',NULL,NULL,1,'{"v": 1, "to": {"kind": "person", "id": 1}, "team": 1, "from": null, "step": "take", "why": {"by": "least_busy", "team": 1, "open": 3, "others": {}, "passed_over": {}}}');
INSERT INTO "event" VALUES(32,'ticket',4,6,1704241712831,'ticket.changed','flow',NULL,NULL,1,'{"v": 1, "property": "status", "from": "open", "to": "in_progress"}');
INSERT INTO "event" VALUES(33,'ticket',4,7,1704241712831,'message.sent','flow',NULL,NULL,1,'{"v": 1, "template": "received", "step": "received", "automatic": true}');
INSERT INTO "event" VALUES(34,'ticket',1,9,1704241712873,'message.sent','person',1,NULL,1,'{"v": 1, "then": "wait"}');
INSERT INTO "event" VALUES(35,'ticket',1,10,1704241712873,'task.completed','person',1,NULL,1,'{"v": 1, "step": "work", "path": "work", "kind": "task", "state": "done", "outcome": "ask_customer", "by": "1"}');
INSERT INTO "event" VALUES(36,'ticket',1,11,1704241712873,'step.opened','flow',NULL,34,1,'{"v": 1, "step": "hear", "path": "hear", "kind": "wait"}');
INSERT INTO "event" VALUES(37,'ticket',1,12,1704241712873,'ticket.changed','flow',NULL,NULL,1,'{"v": 1, "property": "status", "from": "in_progress", "to": "pending_customer"}');
INSERT INTO "event" VALUES(38,'ticket',3,8,1704241712910,'sop.deviated','person',1,NULL,1,'{"v": 1, "what": "resolved_by_hand"}');
INSERT INTO "event" VALUES(39,'ticket',3,9,1704241712910,'ticket.resolved','person',1,NULL,1,'{"v": 1, "by": "1"}');
INSERT INTO "event" VALUES(40,'ticket',3,10,1704241712910,'step.done','flow',NULL,NULL,1,'{"v": 1, "step": "tell", "path": "tell", "kind": "notify", "state": "done", "outcome": "done", "by": "flow"}');
INSERT INTO "event" VALUES(41,'ticket',3,11,1704241712910,'step.opened','flow',NULL,NULL,1,'{"v": 1, "step": "learn", "path": "learn", "kind": "document"}');
INSERT INTO "event" VALUES(42,'ticket',3,12,1704241712910,'message.sent','flow',NULL,NULL,1,'{"v": 1, "template": "resolved", "step": "tell", "automatic": true}');
INSERT INTO "event" VALUES(43,'ticket',4,8,1704241712999,'sop.deviated','person',1,NULL,1,'{"v": 1, "what": "resolved_by_hand"}');
INSERT INTO "event" VALUES(44,'ticket',4,9,1704241712999,'ticket.resolved','person',1,NULL,1,'{"v": 1, "by": "1"}');
INSERT INTO "event" VALUES(45,'ticket',4,10,1704241712999,'step.done','flow',NULL,NULL,1,'{"v": 1, "step": "tell", "path": "tell", "kind": "notify", "state": "done", "outcome": "done", "by": "flow"}');
INSERT INTO "event" VALUES(46,'ticket',4,11,1704241712999,'step.opened','flow',NULL,NULL,1,'{"v": 1, "step": "learn", "path": "learn", "kind": "document"}');
INSERT INTO "event" VALUES(47,'ticket',4,12,1704241712999,'message.sent','flow',NULL,NULL,1,'{"v": 1, "template": "resolved", "step": "tell", "automatic": true}');
INSERT INTO "event" VALUES(48,'ticket',4,13,1704241713018,'sop.ended','person',1,NULL,1,'{"v": 1, "run": 4, "outcome": "closed"}');
INSERT INTO "event" VALUES(49,'ticket',4,14,1704241713018,'sop.deviated','person',1,NULL,1,'{"v": 1, "what": "closed_by_hand"}');
INSERT INTO "event" VALUES(50,'ticket',4,15,1704241713018,'ticket.closed','person',1,NULL,1,'{"v": 1, "by": "hand"}');
INSERT INTO "event" VALUES(51,'ticket',2,8,1704241713081,'effect.done','flow',NULL,NULL,1,'{"v": 1, "key": "2/2/received:notify", "kind": "send_mail", "step": "received"}');
INSERT INTO "event" VALUES(52,'ticket',3,13,1704241713104,'effect.done','flow',NULL,NULL,1,'{"v": 1, "key": "3/3/received:notify", "kind": "send_mail", "step": "received"}');
INSERT INTO "event" VALUES(53,'ticket',1,13,1704241713181,'effect.done','flow',NULL,NULL,1,'{"v": 1, "key": "1/message/9", "kind": "send_mail", "step": "reply"}');
INSERT INTO "event" VALUES(54,'ticket',4,16,1704241713234,'effect.done','flow',NULL,NULL,1,'{"v": 1, "key": "4/4/tell:notify", "kind": "send_mail", "step": "tell"}');
INSERT INTO "event" VALUES(55,'ticket',4,17,1704241713231,'effect.done','flow',NULL,NULL,1,'{"v": 1, "key": "4/4/received:notify", "kind": "send_mail", "step": "received"}');
INSERT INTO "event" VALUES(56,'ticket',3,14,1704241713298,'effect.done','flow',NULL,NULL,1,'{"v": 1, "key": "3/3/tell:notify", "kind": "send_mail", "step": "tell"}');
INSERT INTO "event" VALUES(57,'ticket',5,1,1704241721532,'ticket.opened','customer',1,NULL,1,'{"v": 1, "channel": "form", "customer": 1, "department": 1, "team": 1, "priority": 3}');
INSERT INTO "event" VALUES(58,'ticket',5,2,1704241721532,'step.done','flow',NULL,NULL,1,'{"v": 1, "step": "received", "path": "received", "kind": "notify", "state": "done", "outcome": "done", "by": "flow"}');
INSERT INTO "event" VALUES(59,'ticket',5,3,1704241721532,'step.done','flow',NULL,NULL,1,'{"v": 1, "step": "take", "path": "take", "kind": "assign", "state": "done", "outcome": "assigned", "by": "flow"}');
INSERT INTO "event" VALUES(60,'ticket',5,4,1704241721532,'step.opened','flow',NULL,NULL,1,'{"v": 1, "step": "work", "path": "work", "kind": "task"}');
INSERT INTO "event" VALUES(61,'ticket',5,5,1704241721532,'ticket.assigned','flow',NULL,NULL,1,'{"v": 1, "to": {"kind": "person", "id": 1}, "team": 1, "from": null, "step": "take", "why": {"by": "least_busy", "team": 1, "open": 2, "others": {}, "passed_over": {}}}');
INSERT INTO "event" VALUES(62,'ticket',5,6,1704241721532,'ticket.changed','flow',NULL,NULL,1,'{"v": 1, "property": "status", "from": "open", "to": "in_progress"}');
INSERT INTO "event" VALUES(63,'ticket',5,7,1704241721532,'message.sent','flow',NULL,NULL,1,'{"v": 1, "template": "received", "step": "received", "automatic": true}');
INSERT INTO "event" VALUES(64,'ticket',6,1,1704241721640,'ticket.opened','customer',1,NULL,1,'{"v": 1, "channel": "form", "customer": 1, "department": 1, "team": 1, "priority": 3}');
INSERT INTO "event" VALUES(65,'ticket',6,2,1704241721640,'step.done','flow',NULL,NULL,1,'{"v": 1, "step": "received", "path": "received", "kind": "notify", "state": "done", "outcome": "done", "by": "flow"}');
INSERT INTO "event" VALUES(66,'ticket',6,3,1704241721640,'step.done','flow',NULL,NULL,1,'{"v": 1, "step": "take", "path": "take", "kind": "assign", "state": "done", "outcome": "assigned", "by": "flow"}');
INSERT INTO "event" VALUES(67,'ticket',6,4,1704241721640,'step.opened','flow',NULL,NULL,1,'{"v": 1, "step": "work", "path": "work", "kind": "task"}');
INSERT INTO "event" VALUES(68,'ticket',6,5,1704241721640,'ticket.assigned','flow',NULL,NULL,1,'{"v": 1, "to": {"kind": "person", "id": 1}, "team": 1, "from": null, "step": "take", "why": {"by": "least_busy", "team": 1, "open": 3, "others": {}, "passed_over": {}}}');
INSERT INTO "event" VALUES(69,'ticket',6,6,1704241721640,'ticket.changed','flow',NULL,NULL,1,'{"v": 1, "property": "status", "from": "open", "to": "in_progress"}');
INSERT INTO "event" VALUES(70,'ticket',6,7,1704241721640,'message.sent','flow',NULL,NULL,1,'{"v": 1, "template": "received", "step": "received", "automatic": true}');
CREATE TABLE handover (
	id INTEGER NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	from_id INTEGER, 
	to_id INTEGER NOT NULL, 
	note TEXT NOT NULL, 
	state VARCHAR(64) NOT NULL, 
	offered_at INTEGER NOT NULL, 
	ended_at INTEGER, 
	CONSTRAINT pk_handover PRIMARY KEY (id), 
	CONSTRAINT fk_handover_ticket_id FOREIGN KEY(ticket_id) REFERENCES ticket (id)
);
CREATE TABLE idempotency (
	owner VARCHAR(64) NOT NULL, 
	"key" VARCHAR(200) NOT NULL, 
	body_hash VARCHAR(64) NOT NULL, 
	status INTEGER NOT NULL, 
	answer JSON NOT NULL, 
	at INTEGER NOT NULL, 
	CONSTRAINT pk_idempotency PRIMARY KEY (owner, "key")
);
CREATE TABLE mail_received (
	id INTEGER NOT NULL, 
	fingerprint VARCHAR(200) NOT NULL, 
	received_at INTEGER NOT NULL, 
	sender VARCHAR(254), 
	recipient VARCHAR(254), 
	raw VARCHAR(64) NOT NULL, 
	fate VARCHAR(64) NOT NULL, 
	ticket_id INTEGER, 
	message_id INTEGER, 
	times INTEGER NOT NULL, 
	CONSTRAINT pk_mail_received PRIMARY KEY (id), 
	CONSTRAINT fk_mail_received_raw FOREIGN KEY(raw) REFERENCES blob (sha256), 
	CONSTRAINT uq_mail_received_fingerprint UNIQUE (fingerprint)
);
INSERT INTO "mail_received" VALUES(1,'<1@example.com>',1704241712449,'sari@example.com','service@lentera.example','df9989f8bad808398a7aa0969369c30633dd8fe308894b800f2c85a72ec840a9','opened',1,1,1);
INSERT INTO "mail_received" VALUES(2,'<2@example.com>',1704241712547,'sari@example.com','service@lentera.example','252ff33480e58531a8113d8ab407ec21dda417f7c5a7d29edc11146a44cbcc77','opened',2,3,1);
INSERT INTO "mail_received" VALUES(3,'<3@example.com>',1704241712669,'sari@example.com','service@lentera.example','5914bdebbd3fee019e2bdf8010997a26712c1233553dbdf6bd75d2f9dbeb2f29','opened',3,5,1);
INSERT INTO "mail_received" VALUES(4,'<4@example.com>',1704241712831,'sari@example.com','service@lentera.example','8fa31dbcc645e73224e91880bd0942009d416936be6c87940982a56c6d2cfb08','opened',4,7,1);
CREATE TABLE membership (
	team_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	max_open INTEGER, 
	last_pick INTEGER NOT NULL, 
	CONSTRAINT pk_membership PRIMARY KEY (team_id, person_id), 
	CONSTRAINT fk_membership_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_membership_team_id FOREIGN KEY(team_id) REFERENCES team (id)
);
INSERT INTO "membership" VALUES(1,1,NULL,1704241721640);
CREATE TABLE message (
	id INTEGER NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	direction VARCHAR(64) NOT NULL, 
	author_kind VARCHAR(64) NOT NULL, 
	author_id INTEGER, 
	author_name VARCHAR NOT NULL, 
	author_email VARCHAR(254), 
	"to" JSON NOT NULL, 
	cc JSON NOT NULL, 
	subject VARCHAR NOT NULL, 
	at INTEGER NOT NULL, 
	channel VARCHAR(64) NOT NULL, 
	automatic VARCHAR(64), 
	template VARCHAR(64), 
	message_id VARCHAR(998), 
	raw VARCHAR(64), 
	delivery VARCHAR(64), 
	delivery_detail VARCHAR, 
	effect_key VARCHAR(200), 
	"indexed" BOOLEAN DEFAULT (false) NOT NULL, 
	CONSTRAINT pk_message PRIMARY KEY (id), 
	CONSTRAINT fk_message_ticket_id FOREIGN KEY(ticket_id) REFERENCES ticket (id)
);
INSERT INTO "message" VALUES(1,1,1,'in','customer',1,'Sari Wulandari','sari@example.com','[{"name": "", "email": "service@lentera.example"}]','[]','Fridge 1',1704241712449,'email',NULL,NULL,'<1@example.com>','df9989f8bad808398a7aa0969369c30633dd8fe308894b800f2c85a72ec840a9',NULL,NULL,NULL,0);
INSERT INTO "message" VALUES(2,1,7,'out','flow',NULL,'Service','service@lentera.example','[{"name": "Sari Wulandari", "email": "sari@example.com"}]','[]','We have received your request: Fridge 1',1704241712449,'email','notice','received','<t.m37cp6u7ffkcexuq.wr7o6ra7oswmje367iguwoup@estafet.localhost>',NULL,'sent',NULL,'1/1/received:notify',0);
INSERT INTO "message" VALUES(3,2,1,'in','customer',1,'Sari Wulandari','sari@example.com','[{"name": "", "email": "service@lentera.example"}]','[]','Fridge 2',1704241712547,'email',NULL,NULL,'<2@example.com>','252ff33480e58531a8113d8ab407ec21dda417f7c5a7d29edc11146a44cbcc77',NULL,NULL,NULL,0);
INSERT INTO "message" VALUES(4,2,7,'out','flow',NULL,'Service','service@lentera.example','[{"name": "Sari Wulandari", "email": "sari@example.com"}]','[]','We have received your request: Fridge 2',1704241712547,'email','notice','received','<t.yw42h43qk5k2xrot.i2kl7mqwdbd2p4p6mmeprrns@estafet.localhost>',NULL,'sent',NULL,'2/2/received:notify',0);
INSERT INTO "message" VALUES(5,3,1,'in','customer',1,'Sari Wulandari','sari@example.com','[{"name": "", "email": "service@lentera.example"}]','[]','Fridge 3',1704241712669,'email',NULL,NULL,'<3@example.com>','5914bdebbd3fee019e2bdf8010997a26712c1233553dbdf6bd75d2f9dbeb2f29',NULL,NULL,NULL,0);
INSERT INTO "message" VALUES(6,3,7,'out','flow',NULL,'Service','service@lentera.example','[{"name": "Sari Wulandari", "email": "sari@example.com"}]','[]','We have received your request: Fridge 3',1704241712669,'email','notice','received','<t.sotultcfvxdxm3o6.ft73rlkp6ue4c3bxzg3xaj3j@estafet.localhost>',NULL,'sent',NULL,'3/3/received:notify',0);
INSERT INTO "message" VALUES(7,4,1,'in','customer',1,'Sari Wulandari','sari@example.com','[{"name": "", "email": "service@lentera.example"}]','[]','Fridge 4',1704241712831,'email',NULL,NULL,'<4@example.com>','8fa31dbcc645e73224e91880bd0942009d416936be6c87940982a56c6d2cfb08',NULL,NULL,NULL,0);
INSERT INTO "message" VALUES(8,4,7,'out','flow',NULL,'Service','service@lentera.example','[{"name": "Sari Wulandari", "email": "sari@example.com"}]','[]','We have received your request: Fridge 4',1704241712831,'email','notice','received','<t.fwclr2qlq7zkr3hf.ssskntqqgbkcqwshmzv7x4lx@estafet.localhost>',NULL,'sent',NULL,'4/4/received:notify',0);
INSERT INTO "message" VALUES(9,1,9,'out','person',1,'Ani','service@lentera.example','[{"name": "Sari Wulandari", "email": "sari@example.com"}]','[]','Fridge 1',1704241712873,'email',NULL,NULL,'<t.gzjgj3jr4rhynzic.ag2a3bsahbzexn7uhkm55sz6@estafet.localhost>',NULL,'sent',NULL,'1/message/9',0);
INSERT INTO "message" VALUES(10,3,12,'out','flow',NULL,'Service','service@lentera.example','[{"name": "Sari Wulandari", "email": "sari@example.com"}]','[]','Solved: Fridge 3',1704241712910,'email','notice','resolved','<t.vcvp45aid325kgmq.gtotndfjfok4ungzjxrypxoy@estafet.localhost>',NULL,'sent',NULL,'3/3/tell:notify',0);
INSERT INTO "message" VALUES(11,4,12,'out','flow',NULL,'Service','service@lentera.example','[{"name": "Sari Wulandari", "email": "sari@example.com"}]','[]','Solved: Fridge 4',1704241712999,'email','notice','resolved','<t.ij5knozmmpt4tyoy.yany2i4x3jmp4lm3zk67hxhq@estafet.localhost>',NULL,'sent',NULL,'4/4/tell:notify',0);
INSERT INTO "message" VALUES(12,5,1,'in','customer',1,'Sari Wulandari','sari@example.com','[]','[]','Fridge 5',1704241721532,'form',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "message" VALUES(13,5,7,'out','flow',NULL,'Service','service@lentera.example','[{"name": "Sari Wulandari", "email": "sari@example.com"}]','[]','We have received your request: Fridge 5',1704241721532,'email','notice','received',NULL,NULL,'queued',NULL,NULL,0);
INSERT INTO "message" VALUES(14,6,1,'in','customer',1,'Sari Wulandari','sari@example.com','[]','[]','Fridge 6',1704241721640,'form',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "message" VALUES(15,6,7,'out','flow',NULL,'Service','service@lentera.example','[{"name": "Sari Wulandari", "email": "sari@example.com"}]','[]','We have received your request: Fridge 6',1704241721640,'email','notice','received',NULL,NULL,'queued',NULL,NULL,0);
CREATE TABLE message_body (
	message_id INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	html TEXT, 
	visible TEXT NOT NULL, 
	folded TEXT NOT NULL, 
	CONSTRAINT pk_message_body PRIMARY KEY (message_id), 
	CONSTRAINT fk_message_body_message_id FOREIGN KEY(message_id) REFERENCES message (id)
);
INSERT INTO "message_body" VALUES(1,'The fridge leaks, number 1: waits.',NULL,'The fridge leaks, number 1: waits.','');
INSERT INTO "message_body" VALUES(2,'Dear Sari Wulandari,

thank you for writing to us. Your request has arrived and Service is looking after it. We usually answer within 8 working hours.

You can follow it, add something and see every answer here, without an account:
http://127.0.0.1:45637/r/WzEsMSwxXQ.qGr6Xt54NRVjwbprdQiR8Gv1-wA

Or simply answer this mail.

Service
',NULL,'Dear Sari Wulandari,

thank you for writing to us. Your request has arrived and Service is looking after it. We usually answer within 8 working hours.

You can follow it, add something and see every answer here, without an account:
http://127.0.0.1:45637/r/WzEsMSwxXQ.qGr6Xt54NRVjwbprdQiR8Gv1-wA

Or simply answer this mail.

Service
','');
INSERT INTO "message_body" VALUES(3,'The fridge leaks, number 2: untouched.',NULL,'The fridge leaks, number 2: untouched.','');
INSERT INTO "message_body" VALUES(4,'Dear Sari Wulandari,

thank you for writing to us. Your request has arrived and Service is looking after it. We usually answer within 8 working hours.

You can follow it, add something and see every answer here, without an account:
http://127.0.0.1:45637/r/WzIsMSwxXQ.GSKcPolhxmfmAUhu8bvvqm4gqN0

Or simply answer this mail.

Service
',NULL,'Dear Sari Wulandari,

thank you for writing to us. Your request has arrived and Service is looking after it. We usually answer within 8 working hours.

You can follow it, add something and see every answer here, without an account:
http://127.0.0.1:45637/r/WzIsMSwxXQ.GSKcPolhxmfmAUhu8bvvqm4gqN0

Or simply answer this mail.

Service
','');
INSERT INTO "message_body" VALUES(5,'The fridge leaks, number 3: resolved.',NULL,'The fridge leaks, number 3: resolved.','');
INSERT INTO "message_body" VALUES(6,'Dear Sari Wulandari,

thank you for writing to us. Your request has arrived and Service is looking after it. We usually answer within 8 working hours.

You can follow it, add something and see every answer here, without an account:
http://127.0.0.1:45637/r/WzMsMSwxXQ.UmvNLYuDM3Z5R3u4mc561xUiExA

Or simply answer this mail.

Service
',NULL,'Dear Sari Wulandari,

thank you for writing to us. Your request has arrived and Service is looking after it. We usually answer within 8 working hours.

You can follow it, add something and see every answer here, without an account:
http://127.0.0.1:45637/r/WzMsMSwxXQ.UmvNLYuDM3Z5R3u4mc561xUiExA

Or simply answer this mail.

Service
','');
INSERT INTO "message_body" VALUES(7,'The fridge leaks, number 4: closed.',NULL,'The fridge leaks, number 4: closed.','');
INSERT INTO "message_body" VALUES(8,'Dear Sari Wulandari,

thank you for writing to us. Your request has arrived and Service is looking after it. We usually answer within 8 working hours.

You can follow it, add something and see every answer here, without an account:
http://127.0.0.1:45637/r/WzQsMSwxXQ.o_MbLlEfN_hO6AreHrlNVEXI14w

Or simply answer this mail.

Service
',NULL,'Dear Sari Wulandari,

thank you for writing to us. Your request has arrived and Service is looking after it. We usually answer within 8 working hours.

You can follow it, add something and see every answer here, without an account:
http://127.0.0.1:45637/r/WzQsMSwxXQ.o_MbLlEfN_hO6AreHrlNVEXI14w

Or simply answer this mail.

Service
','');
INSERT INTO "message_body" VALUES(9,'Which model is it?',NULL,'Which model is it?','');
INSERT INTO "message_body" VALUES(10,'Dear Sari Wulandari,

we consider your request solved:

A new heater.

If something is still open, answer this mail or write here; we will then go on at once:
http://127.0.0.1:45637/r/WzMsMSwxXQ.UmvNLYuDM3Z5R3u4mc561xUiExA

Service
',NULL,'Dear Sari Wulandari,

we consider your request solved:

A new heater.

If something is still open, answer this mail or write here; we will then go on at once:
http://127.0.0.1:45637/r/WzMsMSwxXQ.UmvNLYuDM3Z5R3u4mc561xUiExA

Service
','');
INSERT INTO "message_body" VALUES(11,'Dear Sari Wulandari,

we consider your request solved:

A new heater.

If something is still open, answer this mail or write here; we will then go on at once:
http://127.0.0.1:45637/r/WzQsMSwxXQ.o_MbLlEfN_hO6AreHrlNVEXI14w

Service
',NULL,'Dear Sari Wulandari,

we consider your request solved:

A new heater.

If something is still open, answer this mail or write here; we will then go on at once:
http://127.0.0.1:45637/r/WzQsMSwxXQ.o_MbLlEfN_hO6AreHrlNVEXI14w

Service
','');
INSERT INTO "message_body" VALUES(12,'nobody knows of it',NULL,'nobody knows of it','');
INSERT INTO "message_body" VALUES(13,'Dear Sari Wulandari,

thank you for writing to us. Your request has arrived and Service is looking after it. We usually answer within 8 working hours.

You can follow it, add something and see every answer here, without an account:
http://127.0.0.1:45637/r/WzUsMSwxXQ.O8byERahJ_KH-K2ALAWZ1fw3Cbc

Or simply answer this mail.

Service
',NULL,'Dear Sari Wulandari,

thank you for writing to us. Your request has arrived and Service is looking after it. We usually answer within 8 working hours.

You can follow it, add something and see every answer here, without an account:
http://127.0.0.1:45637/r/WzUsMSwxXQ.O8byERahJ_KH-K2ALAWZ1fw3Cbc

Or simply answer this mail.

Service
','');
INSERT INTO "message_body" VALUES(14,'stopped in the middle',NULL,'stopped in the middle','');
INSERT INTO "message_body" VALUES(15,'Dear Sari Wulandari,

thank you for writing to us. Your request has arrived and Service is looking after it. We usually answer within 8 working hours.

You can follow it, add something and see every answer here, without an account:
http://127.0.0.1:45637/r/WzYsMSwxXQ.WxvJJ-CAZfK3pbZw1ks4ERPS9SY

Or simply answer this mail.

Service
',NULL,'Dear Sari Wulandari,

thank you for writing to us. Your request has arrived and Service is looking after it. We usually answer within 8 working hours.

You can follow it, add something and see every answer here, without an account:
http://127.0.0.1:45637/r/WzYsMSwxXQ.WxvJJ-CAZfK3pbZw1ks4ERPS9SY

Or simply answer this mail.

Service
','');
CREATE TABLE open_count (
	department_id INTEGER NOT NULL, 
	team_id INTEGER NOT NULL, 
	holder_id INTEGER NOT NULL, 
	status VARCHAR(64) NOT NULL, 
	priority SMALLINT NOT NULL, 
	vip BOOLEAN NOT NULL, 
	n INTEGER NOT NULL, 
	CONSTRAINT pk_open_count PRIMARY KEY (department_id, team_id, holder_id, status, priority, vip)
);
INSERT INTO "open_count" VALUES(1,1,1,'in_progress',3,0,3);
INSERT INTO "open_count" VALUES(1,1,1,'pending_customer',3,0,1);
CREATE TABLE organisation (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	klass VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_organisation PRIMARY KEY (id), 
	CONSTRAINT uq_organisation_name UNIQUE (name)
);
CREATE TABLE person (
	id INTEGER NOT NULL, 
	email VARCHAR(254) NOT NULL, 
	name VARCHAR NOT NULL, 
	nick VARCHAR(64) NOT NULL, 
	role VARCHAR(64) NOT NULL, 
	department_id INTEGER, 
	language VARCHAR(64) NOT NULL, 
	tz VARCHAR(64) NOT NULL, 
	availability VARCHAR(64) NOT NULL, 
	active BOOLEAN DEFAULT 1 NOT NULL, 
	password_hash VARCHAR, 
	session_epoch INTEGER NOT NULL, 
	settings JSON NOT NULL, 
	CONSTRAINT pk_person PRIMARY KEY (id), 
	CONSTRAINT fk_person_department_id FOREIGN KEY(department_id) REFERENCES department (id), 
	CONSTRAINT uq_person_email UNIQUE (email), 
	CONSTRAINT uq_person_nick UNIQUE (nick)
);
INSERT INTO "person" VALUES(1,'ani@lentera.example','Ani','ani','agent',1,'id','Asia/Jakarta','online',1,NULL,1,'{}');
CREATE TABLE person_load (
	person_id INTEGER NOT NULL, 
	open_n INTEGER NOT NULL, 
	CONSTRAINT pk_person_load PRIMARY KEY (person_id), 
	CONSTRAINT fk_person_load_person_id FOREIGN KEY(person_id) REFERENCES person (id)
);
INSERT INTO "person_load" VALUES(1,4);
CREATE TABLE process (
	name VARCHAR(64) NOT NULL, 
	pid INTEGER NOT NULL, 
	seen_at INTEGER NOT NULL, 
	facts JSON NOT NULL, 
	CONSTRAINT pk_process PRIMARY KEY (name)
);
CREATE TABLE run (
	id INTEGER NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	version_id INTEGER NOT NULL, 
	state VARCHAR(64) NOT NULL, 
	outcome VARCHAR(64), 
	opened_at INTEGER NOT NULL, 
	ended_at INTEGER, 
	fields JSON NOT NULL, 
	vars JSON NOT NULL, 
	CONSTRAINT pk_run PRIMARY KEY (id), 
	CONSTRAINT fk_run_ticket_id FOREIGN KEY(ticket_id) REFERENCES ticket (id), 
	CONSTRAINT fk_run_version_id FOREIGN KEY(version_id) REFERENCES sop_version (id)
);
INSERT INTO "run" VALUES(1,1,1,'running',NULL,1704241712449,NULL,'{"": {}}','{}');
INSERT INTO "run" VALUES(2,2,1,'running',NULL,1704241712547,NULL,'{"": {}}','{}');
INSERT INTO "run" VALUES(3,3,1,'running',NULL,1704241712669,NULL,'{"": {}}','{}');
INSERT INTO "run" VALUES(4,4,1,'closed','closed',1704241712831,1704241713018,'{"": {}}','{}');
INSERT INTO "run" VALUES(5,5,1,'running',NULL,1704241721532,NULL,'{"": {}}','{}');
INSERT INTO "run" VALUES(6,6,1,'running',NULL,1704241721640,NULL,'{"": {}}','{}');
CREATE TABLE setting (
	name VARCHAR(64) NOT NULL, 
	value JSON NOT NULL, 
	CONSTRAINT pk_setting PRIMARY KEY (name)
);
INSERT INTO "setting" VALUES('config_version','{"is": 4}');
CREATE TABLE sop (
	id INTEGER NOT NULL, 
	department_id INTEGER, 
	name VARCHAR(64) NOT NULL, 
	published_version_id INTEGER, 
	CONSTRAINT pk_sop PRIMARY KEY (id), 
	CONSTRAINT fk_sop_department_id FOREIGN KEY(department_id) REFERENCES department (id), 
	CONSTRAINT uq_sop_department_id_name UNIQUE (department_id, name)
);
INSERT INTO "sop" VALUES(1,NULL,'standard',1);
CREATE TABLE sop_version (
	id INTEGER NOT NULL, 
	sop_id INTEGER NOT NULL, 
	number INTEGER, 
	state VARCHAR(64) NOT NULL, 
	text TEXT NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	author_id INTEGER, 
	created_at INTEGER NOT NULL, 
	published_at INTEGER, 
	note TEXT NOT NULL, 
	CONSTRAINT pk_sop_version PRIMARY KEY (id), 
	CONSTRAINT fk_sop_version_sop_id FOREIGN KEY(sop_id) REFERENCES sop (id)
);
INSERT INTO "sop_version" VALUES(1,1,1,'published','# What happens to a request for which no other procedure was written.
sop: standard
title: {en: Standard request, id: Permintaan umum}
mode: guided
calendar: id-jakarta
on:
  ticket.reopened: {then: work}
do:
  - received:
      notify: {to: customer, template: received}
      customer_label: {en: Request received, id: Permintaan diterima}
  - take:
      assign: {by: least_busy}
      note:
        en: The colleague of the team who holds the fewest tickets and is online gets it. Nobody online - it waits in the team''s backlog.
        id: Rekan tim yang sedang online dan memegang tiket paling sedikit menerimanya. Jika tidak ada yang online, tiket menunggu di antrean tim.
  - work:
      task: {en: Find the answer and write to the customer, id: Cari jawabannya dan tulis kepada pelanggan}
      choices:
        solved: {en: Solved, id: Selesai}
        ask_customer: {en: Wait for the customer, id: Tunggu pelanggan}
      customer_label: {en: We are working on it, id: Sedang kami kerjakan}
      due: {business: PT8H}
      remind: [{before: {business: PT1H}}]
      then: finish
      on:
        ask_customer: {then: hear}
  - hear:
      wait: {event: customer.replied, for: P7D}
      customer_label: {en: Waiting for your answer, id: Menunggu jawaban Anda}
      then: work
      on:
        timeout: {then: work}
  - finish:
      resolve: {require: [resolution]}
      customer_label: {en: Solved, id: Selesai}
  - tell:
      notify: {to: customer, template: resolved}
  - learn:
      document: {article: suggest, sop: suggest}
','b9c1d5469bc73936d89fb4811b5964290aac13eea3c4f0a9e85b25e3d7c0913c',NULL,1704241705594,1704241705594,'');
CREATE TABLE step (
	id INTEGER NOT NULL, 
	run_id INTEGER NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	path VARCHAR(500) NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	visit INTEGER NOT NULL, 
	kind VARCHAR(64) NOT NULL, 
	state VARCHAR(64) NOT NULL, 
	outcome VARCHAR(64), 
	result JSON, 
	why JSON, 
	assignees JSON NOT NULL, 
	opened_at INTEGER NOT NULL, 
	due_at INTEGER, 
	ended_at INTEGER, 
	ended_by VARCHAR(64), 
	awaits JSON NOT NULL, 
	effect BOOLEAN NOT NULL, 
	marks JSON NOT NULL, 
	place INTEGER NOT NULL, 
	draft JSON, 
	CONSTRAINT pk_step PRIMARY KEY (id), 
	CONSTRAINT fk_step_run_id FOREIGN KEY(run_id) REFERENCES run (id), 
	CONSTRAINT fk_step_ticket_id FOREIGN KEY(ticket_id) REFERENCES ticket (id), 
	CONSTRAINT uq_step_run_id_path UNIQUE (run_id, path)
);
INSERT INTO "step" VALUES(1,1,1,'@','standard',0,'sop','open',NULL,'null','null','[]',1704241712449,NULL,NULL,NULL,'[]',0,'{"hash": "b9c1d5469bc73936d89fb4811b5964290aac13eea3c4f0a9e85b25e3d7c0913c", "status": "pending_customer"}',0,NULL);
INSERT INTO "step" VALUES(2,1,1,'received','received',1,'notify','done','done','null','null','[]',1704241712449,NULL,1704241712449,'flow','[]',0,'{}',1,NULL);
INSERT INTO "step" VALUES(3,1,1,'take','take',1,'assign','done','assigned','"1"','{"by": "least_busy", "team": 1, "open": 0, "others": {}, "passed_over": {}}','[["person", "1"]]',1704241712449,NULL,1704241712449,'flow','[]',0,'{}',2,NULL);
INSERT INTO "step" VALUES(4,1,1,'work','work',1,'task','done','ask_customer','null','null','[["person", "1"]]',1704241712449,1704272400000,1704241712873,'1','[]',0,'{"clock": {"remind": [1704268800000]}}',3,NULL);
INSERT INTO "step" VALUES(5,2,2,'@','standard',0,'sop','open',NULL,'null','null','[]',1704241712547,NULL,NULL,NULL,'[]',0,'{"hash": "b9c1d5469bc73936d89fb4811b5964290aac13eea3c4f0a9e85b25e3d7c0913c", "status": "in_progress"}',0,NULL);
INSERT INTO "step" VALUES(6,2,2,'received','received',1,'notify','done','done','null','null','[]',1704241712547,NULL,1704241712547,'flow','[]',0,'{}',1,NULL);
INSERT INTO "step" VALUES(7,2,2,'take','take',1,'assign','done','assigned','"1"','{"by": "least_busy", "team": 1, "open": 1, "others": {}, "passed_over": {}}','[["person", "1"]]',1704241712547,NULL,1704241712547,'flow','[]',0,'{}',2,NULL);
INSERT INTO "step" VALUES(8,2,2,'work','work',1,'task','open',NULL,'null','null','[["person", "1"]]',1704241712547,1704272400000,NULL,NULL,'[]',0,'{"clock": {"remind": [1704268800000]}}',3,NULL);
INSERT INTO "step" VALUES(9,3,3,'@','standard',0,'sop','open',NULL,'null','null','[]',1704241712669,NULL,NULL,NULL,'[]',0,'{"hash": "b9c1d5469bc73936d89fb4811b5964290aac13eea3c4f0a9e85b25e3d7c0913c", "status": "resolved"}',0,NULL);
INSERT INTO "step" VALUES(10,3,3,'received','received',1,'notify','done','done','null','null','[]',1704241712669,NULL,1704241712669,'flow','[]',0,'{}',1,NULL);
INSERT INTO "step" VALUES(11,3,3,'take','take',1,'assign','done','assigned','"1"','{"by": "least_busy", "team": 1, "open": 2, "others": {}, "passed_over": {}}','[["person", "1"]]',1704241712669,NULL,1704241712669,'flow','[]',0,'{}',2,NULL);
INSERT INTO "step" VALUES(12,3,3,'work','work',1,'task','cancelled','cancelled','null','{"resolved": "1"}','[["person", "1"]]',1704241712669,1704272400000,1704241712910,'1','[]',0,'{"clock": {"remind": [1704268800000]}, "to": "finish"}',3,NULL);
INSERT INTO "step" VALUES(13,4,4,'@','standard',0,'sop','done','closed','null','null','[]',1704241712831,NULL,1704241713018,'1','[]',0,'{"hash": "b9c1d5469bc73936d89fb4811b5964290aac13eea3c4f0a9e85b25e3d7c0913c", "status": "resolved"}',0,NULL);
INSERT INTO "step" VALUES(14,4,4,'received','received',1,'notify','done','done','null','null','[]',1704241712831,NULL,1704241712831,'flow','[]',0,'{}',1,NULL);
INSERT INTO "step" VALUES(15,4,4,'take','take',1,'assign','done','assigned','"1"','{"by": "least_busy", "team": 1, "open": 3, "others": {}, "passed_over": {}}','[["person", "1"]]',1704241712831,NULL,1704241712831,'flow','[]',0,'{}',2,NULL);
INSERT INTO "step" VALUES(16,4,4,'work','work',1,'task','cancelled','cancelled','null','{"resolved": "1"}','[["person", "1"]]',1704241712831,1704272400000,1704241712999,'1','[]',0,'{"clock": {"remind": [1704268800000]}, "to": "finish"}',3,NULL);
INSERT INTO "step" VALUES(17,1,1,'hear','hear',1,'wait','open',NULL,'null','null','[]',1704241712873,NULL,NULL,NULL,'["customer.replied"]',0,'{"since": 1704241712449, "limit": 1704846512873, "kind": "customer.replied"}',4,NULL);
INSERT INTO "step" VALUES(18,3,3,'finish','finish',1,'resolve','done','completed','null','{"by_hand": true}','[]',1704241712910,NULL,1704241712910,'1','[]',0,'{"resolved": true}',4,NULL);
INSERT INTO "step" VALUES(19,3,3,'tell','tell',1,'notify','done','done','null','null','[]',1704241712910,NULL,1704241712910,'flow','[]',0,'{}',5,NULL);
INSERT INTO "step" VALUES(20,3,3,'learn','learn',1,'document','open',NULL,'null','null','[["person", "1"]]',1704241712910,NULL,NULL,NULL,'[]',0,'{}',6,NULL);
INSERT INTO "step" VALUES(21,4,4,'finish','finish',1,'resolve','done','completed','null','{"by_hand": true}','[]',1704241712999,NULL,1704241712999,'1','[]',0,'{"resolved": true}',4,NULL);
INSERT INTO "step" VALUES(22,4,4,'tell','tell',1,'notify','done','done','null','null','[]',1704241712999,NULL,1704241712999,'flow','[]',0,'{}',5,NULL);
INSERT INTO "step" VALUES(23,4,4,'learn','learn',1,'document','cancelled','cancelled','null','{"ended": "closed"}','[["person", "1"]]',1704241712999,NULL,1704241713018,'1','[]',0,'{}',6,NULL);
INSERT INTO "step" VALUES(24,5,5,'@','standard',0,'sop','open',NULL,'null','null','[]',1704241721532,NULL,NULL,NULL,'[]',0,'{"hash": "b9c1d5469bc73936d89fb4811b5964290aac13eea3c4f0a9e85b25e3d7c0913c", "status": "in_progress"}',0,NULL);
INSERT INTO "step" VALUES(25,5,5,'received','received',1,'notify','done','done','null','null','[]',1704241721532,NULL,1704241721532,'flow','[]',0,'{}',1,NULL);
INSERT INTO "step" VALUES(26,5,5,'take','take',1,'assign','done','assigned','"1"','{"by": "least_busy", "team": 1, "open": 2, "others": {}, "passed_over": {}}','[["person", "1"]]',1704241721532,NULL,1704241721532,'flow','[]',0,'{}',2,NULL);
INSERT INTO "step" VALUES(27,5,5,'work','work',1,'task','open',NULL,'null','null','[["person", "1"]]',1704241721532,1704272400000,NULL,NULL,'[]',0,'{"clock": {"remind": [1704268800000]}}',3,NULL);
INSERT INTO "step" VALUES(28,6,6,'@','standard',0,'sop','open',NULL,'null','null','[]',1704241721640,NULL,NULL,NULL,'[]',0,'{"hash": "b9c1d5469bc73936d89fb4811b5964290aac13eea3c4f0a9e85b25e3d7c0913c", "status": "in_progress"}',0,NULL);
INSERT INTO "step" VALUES(29,6,6,'received','received',1,'notify','done','done','null','null','[]',1704241721640,NULL,1704241721640,'flow','[]',0,'{}',1,NULL);
INSERT INTO "step" VALUES(30,6,6,'take','take',1,'assign','done','assigned','"1"','{"by": "least_busy", "team": 1, "open": 3, "others": {}, "passed_over": {}}','[["person", "1"]]',1704241721640,NULL,1704241721640,'flow','[]',0,'{}',2,NULL);
INSERT INTO "step" VALUES(31,6,6,'work','work',1,'task','open',NULL,'null','null','[["person", "1"]]',1704241721640,1704272400000,NULL,NULL,'[]',0,'{"clock": {"remind": [1704268800000]}}',3,NULL);
CREATE TABLE step_duty (
	step_id INTEGER NOT NULL, 
	party_kind VARCHAR(64) NOT NULL, 
	party_id INTEGER NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	due_at INTEGER, 
	CONSTRAINT pk_step_duty PRIMARY KEY (step_id, party_kind, party_id), 
	CONSTRAINT fk_step_duty_step_id FOREIGN KEY(step_id) REFERENCES step (id)
);
INSERT INTO "step_duty" VALUES(8,'person',1,2,1704272400000);
INSERT INTO "step_duty" VALUES(20,'person',1,3,NULL);
INSERT INTO "step_duty" VALUES(27,'person',1,5,1704272400000);
INSERT INTO "step_duty" VALUES(31,'person',1,6,1704272400000);
CREATE TABLE stream_head (
	stream VARCHAR(64) NOT NULL, 
	stream_id INTEGER NOT NULL, 
	last_seq INTEGER NOT NULL, 
	CONSTRAINT pk_stream_head PRIMARY KEY (stream, stream_id)
);
INSERT INTO "stream_head" VALUES('sop',1,1);
INSERT INTO "stream_head" VALUES('organisation',1,2);
INSERT INTO "stream_head" VALUES('person',1,1);
CREATE TABLE team (
	id INTEGER NOT NULL, 
	department_id INTEGER NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	title VARCHAR NOT NULL, 
	lead_id INTEGER, 
	CONSTRAINT pk_team PRIMARY KEY (id), 
	CONSTRAINT fk_team_department_id FOREIGN KEY(department_id) REFERENCES department (id), 
	CONSTRAINT uq_team_name UNIQUE (name)
);
INSERT INTO "team" VALUES(1,1,'repair','Repair',NULL);
CREATE TABLE ticket (
	id INTEGER NOT NULL, 
	customer_id INTEGER NOT NULL, 
	department_id INTEGER NOT NULL, 
	team_id INTEGER NOT NULL, 
	holder_id INTEGER, 
	status VARCHAR(64) NOT NULL, 
	priority SMALLINT NOT NULL, 
	vip BOOLEAN NOT NULL, 
	channel VARCHAR(64) NOT NULL, 
	subject VARCHAR NOT NULL, 
	topic VARCHAR(64), 
	product VARCHAR(64), 
	language VARCHAR(64) NOT NULL, 
	tags JSON NOT NULL, 
	created_at INTEGER NOT NULL, 
	entered_at INTEGER NOT NULL, 
	last_at INTEGER NOT NULL, 
	first_response_at INTEGER, 
	first_response_ms INTEGER, 
	last_customer_at INTEGER, 
	resolved_at INTEGER, 
	closed_at INTEGER, 
	reopened INTEGER NOT NULL, 
	resolution TEXT, 
	promised_at INTEGER, 
	queue_key INTEGER, 
	due_at INTEGER, 
	due_kind VARCHAR(64), 
	step_id INTEGER, 
	run_id INTEGER, 
	merged_into INTEGER, 
	attention VARCHAR(64), 
	last_seq INTEGER NOT NULL, 
	want_seq INTEGER NOT NULL, 
	nudged_seq INTEGER NOT NULL, 
	alarm_at INTEGER, 
	last_message_id INTEGER, 
	version INTEGER NOT NULL, 
	CONSTRAINT pk_ticket PRIMARY KEY (id), 
	CONSTRAINT fk_ticket_customer_id FOREIGN KEY(customer_id) REFERENCES customer (id), 
	CONSTRAINT fk_ticket_department_id FOREIGN KEY(department_id) REFERENCES department (id), 
	CONSTRAINT fk_ticket_holder_id FOREIGN KEY(holder_id) REFERENCES person (id), 
	CONSTRAINT fk_ticket_team_id FOREIGN KEY(team_id) REFERENCES team (id)
);
INSERT INTO "ticket" VALUES(1,1,1,1,1,'pending_customer',3,0,'email','Fridge 1',NULL,NULL,'en','[]',1704241712449,1704241712449,1704241712873,1704241712873,0,1704241712449,NULL,NULL,0,NULL,1704272400000,101795566512449,NULL,NULL,17,1,NULL,NULL,13,12,12,1704846512873,9,12);
INSERT INTO "ticket" VALUES(2,1,1,1,1,'in_progress',3,0,'email','Fridge 2',NULL,NULL,'en','[]',1704241712547,1704241712547,1704241712547,NULL,NULL,1704241712547,NULL,NULL,0,NULL,1704272400000,101795566512547,1704272400000,'first_response',8,2,NULL,NULL,8,7,7,1704268800000,4,8);
INSERT INTO "ticket" VALUES(3,1,1,1,1,'resolved',3,0,'email','Fridge 3',NULL,NULL,'en','[]',1704241712669,1704241712669,1704241712910,NULL,NULL,1704241712669,1704241712910,NULL,0,'A new heater.',1704272400000,NULL,NULL,NULL,20,3,NULL,NULL,14,12,12,1704500912910,10,12);
INSERT INTO "ticket" VALUES(4,1,1,1,1,'closed',3,0,'email','Fridge 4',NULL,NULL,'en','[]',1704241712831,1704241712831,1704241712999,NULL,NULL,1704241712831,1704241712999,1704241713018,0,'A new heater.',1704272400000,NULL,NULL,NULL,23,4,NULL,NULL,17,15,15,NULL,11,14);
INSERT INTO "ticket" VALUES(5,1,1,1,1,'in_progress',3,0,'form','Fridge 5',NULL,NULL,'en','[]',1704241721532,1704241721532,1704241721532,NULL,NULL,1704241721532,NULL,NULL,0,NULL,1704272400000,101795566521532,1704272400000,'first_response',27,5,NULL,NULL,7,7,0,1704268800000,13,8);
INSERT INTO "ticket" VALUES(6,1,1,1,1,'in_progress',3,0,'form','Fridge 6',NULL,NULL,'en','[]',1704241721640,1704241721640,1704241721640,NULL,NULL,1704241721640,NULL,NULL,0,NULL,1704272400000,101795566521640,1704272400000,'first_response',31,6,NULL,NULL,7,7,0,1704268800000,15,8);
CREATE TABLE token (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	created_at INTEGER NOT NULL, 
	last_used_at INTEGER, 
	revoked BOOLEAN NOT NULL, 
	CONSTRAINT pk_token PRIMARY KEY (id), 
	CONSTRAINT fk_token_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT uq_token_hash UNIQUE (hash)
);
CREATE INDEX ix_customer_name ON customer (name);
CREATE INDEX ix_customer_organisation_id ON customer (organisation_id);
CREATE INDEX ix_person_department_id ON person (department_id);
CREATE INDEX ix_team_department_id ON team (department_id);
CREATE INDEX ix_membership_person_id ON membership (person_id);
CREATE INDEX ix_sop_version_sop_id ON sop_version (sop_id);
CREATE INDEX ix_ticket_alarm ON ticket (alarm_at) WHERE alarm_at IS NOT NULL;
CREATE INDEX ix_ticket_created ON ticket (created_at, department_id, team_id, first_response_ms);
CREATE INDEX ix_ticket_customer ON ticket (customer_id, id);
CREATE INDEX ix_ticket_due_department ON ticket (department_id, due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX ix_ticket_due_holder ON ticket (holder_id, due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX ix_ticket_due_team ON ticket (team_id, due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX ix_ticket_last ON ticket (department_id, last_at, id);
CREATE INDEX ix_ticket_last_queued ON ticket (department_id, last_at, id) WHERE queue_key IS NOT NULL;
CREATE INDEX ix_ticket_queue ON ticket (queue_key, id) WHERE queue_key IS NOT NULL;
CREATE INDEX ix_ticket_queue_department ON ticket (department_id, queue_key, id, status, holder_id, priority) WHERE queue_key IS NOT NULL;
CREATE INDEX ix_ticket_queue_holder ON ticket (holder_id, queue_key, id, status) WHERE queue_key IS NOT NULL;
CREATE INDEX ix_ticket_queue_team ON ticket (team_id, queue_key, id, status, holder_id, priority) WHERE queue_key IS NOT NULL;
CREATE INDEX ix_ticket_resolved ON ticket (resolved_at, department_id, team_id) WHERE resolved_at IS NOT NULL;
CREATE INDEX ix_ticket_unheld ON ticket (department_id, queue_key, id) WHERE queue_key IS NOT NULL AND holder_id IS NULL;
CREATE INDEX ix_ticket_wanted ON ticket (id) WHERE want_seq > nudged_seq;
CREATE INDEX ix_article_department_id ON article (department_id);
CREATE INDEX ix_article_ticket_id ON article (ticket_id);
CREATE INDEX ix_effect_next ON effect (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX ix_effect_state ON effect (state, "key");
CREATE INDEX ix_effect_ticket ON effect (ticket_id, state);
CREATE INDEX ix_handover_offered ON handover (to_id) WHERE state = 'offered';
CREATE INDEX ix_handover_ticket_id ON handover (ticket_id);
CREATE INDEX ix_message_message_id ON message (message_id);
CREATE INDEX ix_message_ticket ON message (ticket_id, id);
CREATE INDEX ix_message_unindexed ON message (id) WHERE NOT indexed;
CREATE INDEX ix_run_ticket_id ON run (ticket_id);
CREATE INDEX ix_run_version_id ON run (version_id);
CREATE INDEX ix_attachment_message_id ON attachment (message_id);
CREATE INDEX ix_step_open ON step (ticket_id) WHERE state = 'open';
CREATE INDEX ix_step_ticket ON step (ticket_id, id);
CREATE INDEX ix_step_duty_party ON step_duty (party_kind, party_id, due_at);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('event',70);
COMMIT;
