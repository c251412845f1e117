import Testing

@testable import TextSearch

/// Spellings of one word, as people write it: each finds all the others.
@Suite("Spellings of one word")
struct SpellingGroupsTests {
    private static func expectAll(_ group: String) {
        let words = group.split(separator: " ")
        for query in words {
            for text in words where text != query {
                #expect(finds(query + " ", in: String(text)), "\(query) in \(text)")
            }
        }
    }

    @Test(
        "The hamza and its seats, letters of other keyboards, ligatures, attached words",
        arguments: [
            "مسؤول مسئول مسوول مسءول", "مسؤولية مسئولية مسؤلية", "ومسئولون المسؤولون", "شؤون شئون شوون",
            "رئيس رييس الرئيس",
            "رئيس رءيس", "مؤتمر موتمر", "سؤال سوال", "أصدقاؤه أصدقائه أصدقاءه", "أبناؤنا أبنائنا", "قراءة قرائة قراأة",
            "براءة برائة", "هيئة هيأة الهيئة", "مسألة مسئلة", "شيء شئ شيئ شي", "بناءً بناءا بناء بنا", "مائة مئة",
            "خمسمائة خمسمئة", "مائتين مئتين", "إسرائيل اسراءيل", "قرآن قرءان قران", "مسؤول مسو\u{654}ول", "هٰذا هذا",
            "یوم يوم",
            "ﷲ الله", "ﷴ محمد", "ﯾﻮﻡ يوم", "عالشكاية شكاية", "دالمغرب المغرب", "مالمطار المطار",
        ])
    func arabic(_ group: String) { Self.expectAll(group) }

    @Test(
        "Darija in both scripts",
        arguments: [
            "wa9tach waqtach weqtash waktach we9tach wa9tash وقتاش", "chkaya shkaya chekaya chikaya شكاية",
            "n9der nqder n9dr nkder ne9der n9dar نقدر", "mo7ami muhami mouhami mohamy mou7ami lmo7ami محامي",
            "l7abs lhabs lhebs l7ebs 7abs habs 7bs fl7abs fel7abs felhabs bel7abs الحبس",
            "sijn ssijn essijn assijn fssijn السجن", "flous flos floss flouss flus lflous فلوس",
            "jawaz jwaz djawaz جواز",
            "safara ssafara essafara as-safara السفارة", "wlidi wldi weldi oueldi", "weldi wldi ولدي",
            "dar ddar fddar الدار",
            "khouya 5ouya xouya khoya 5uya خويا", "salam slam salaam assalam essalam سلام", "afak 3afak عافاك",
            "3andi andi",
            "m3a ma3a", "so2al soual su2al سؤال", "mas2oul mas'oul masoul mas2ul مسؤول", "ra2is rais ra'is رئيس",
            "kifach kifash kifech kefach كيفاش", "wach wech wesh واش", "daba deba دابا", "wakha wa5a waxa ouakha واخا",
            "dwa doua دوا", "tariq tari9 trik طريق", "choukran shukran chokran شكرا", "ta9riban takriban تقريبا",
            "lyoum lyom elyoum اليوم", "rbe7 rb7 ربح", "sme7 sm7 سمح", "bghit br'it بغيت",
            "machakil mchakel مشاكل", "3lach 3lash 3lech علاش", "7okouma hokouma hukuma حكومة",
            "tomobil tomobile طوموبيل",
        ])
    func darija(_ group: String) { Self.expectAll(group) }

    @Test(
        "Dutch, English, French",
        arguments: [
            "avocat l'avocat d'avocat l’avocat AVOCAT", "aujourd'hui aujourd’hui aujourdhui", "coeur cœur CŒUR",
            "zwijgen zwĳgen ZWĲGEN", "privé prive", "naïef naief", "vitae vitæ",
        ])
    func european(_ group: String) { Self.expectAll(group) }

    @Test(
        "The first word finds none of the others, and none of them finds it",
        arguments: [
            "chkaya chouk check chikha 7kaya chokolat shirt kaya chkoun", "7abs hbibs hbib 7bib habsa 7ass abs",
            "mo7ami 7amama mohamed m7mad 7ami mo7im", "flous fills fels fol filosofie flan", "jawaz jouz wajeb jaw",
            "wa9tach wach wa9t tach weg", "n9der nadir kder", "weldi walo wlad wilde",
            "safara safar sfer msafer",
            "salam slim salim sloom", "bolis bless pols", "wech weg wachten", "daba dib dieb", "9al 9ell",
            "trik track truc",
            "choukran شكري", "chitan الشتا", "assign sign", "3am امام", "3la الليلة", "dher دار", "ana نان", "men مان",
            "قائل قال قول", "دائم داوم", "قائم قاوم قام", "جائز جاوز", "الرئة راه", "المئة ماه", "بئر بار", "جزء جزاء",
            "بداية بداوة",
            "سأل سيل", "عالمية مية", "مالك لك", "تغيير تغير", "تعيين تعين", "مسؤول مسلول مسلم", "مؤمن ممن",
            "إجراءات أجرت",
        ])
    func different(_ group: String) {
        let words = group.split(separator: " ").map(String.init)
        for other in words.dropFirst() {
            #expect(!finds(words[0] + " ", in: other), "\(words[0]) in \(other)")
            #expect(!finds(other + " ", in: words[0]), "\(other) in \(words[0])")
        }
    }

    @Test("A word of many hamzas is read in time")
    func hostile() {
        let index = SearchIndex()
        index.add(1, String(repeating: "ؤو", count: 5000))
        for count in [2, 6, 12, 24, 5000] {
            _ = index.search(String(repeating: "ؤو", count: count), limit: 1)
            _ = index.search(String(repeating: "اءه", count: count), limit: 1)
        }
        #expect(index.search(String(repeating: "ؤو", count: 5000), limit: 1).total == 1)
    }
}
